import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { publicSocketBinding } from "../../src/start/public-socket.ts";
import { freePort } from "../ports.ts";

const ADDRESS = `127.0.0.1:${await freePort()}`;
const SCRIPT = `export default {
  fetch: (request, env) => Response.json({ address: request.cf?.clientIp, bindings: Object.keys(env) }),
};`;

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    name: "mirror",
    compatibilityDate: "2026-10-20",
    modules: true,
    script: SCRIPT,
    cf: false,
    unsafeBindings: [publicSocketBinding(ADDRESS)],
  }),
);
beforeAll(async () => {
  await miniflare.ready;
});
afterAll(() => miniflare.dispose());

it("tells the Worker the address at the other end, not the one a client claims", async () => {
  const forged = { "MF-CF-Blob": JSON.stringify({ clientIp: "203.0.113.9:1" }) };
  const answer = await fetch(`http://${ADDRESS}`, { headers: forged });
  expect(await answer.json()).toEqual({
    address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    bindings: [],
  });
});

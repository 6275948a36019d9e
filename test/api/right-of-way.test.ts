import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";
import { RightOfWay } from "../../src/lib/right-of-way.ts";

const deps = depsOf(env);

/** Whether bulk work has to give way to a request. */
async function isHasty(key: string, path: string, body: object): Promise<boolean> {
  const rightOfWay = new RightOfWay(
    () => 1_000,
    async () => {},
  );
  const app = createApp({ ...deps, api: { ...deps.api, rightOfWay } });
  const context = createExecutionContext();
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const asked = { method: "POST", headers, body: JSON.stringify(body) };
  await app.request(`https://hongyan.test/v1/verifications${path}`, asked, env, context);
  await waitOnExecutionContext(context);
  return rightOfWay.isBusy;
}

const number = { to: "+8613800138000", purpose: "login" };

it.each([
  ["", number],
  ["/check", { ...number, code: "000000" }],
  ["/ver_none/check", { code: "000000" }],
])("bulk work gives way to what a form waits for: %s", async (path, body) => {
  expect(await isHasty(env.ROOT_KEY, path, body)).toBe(true);
});

it("bulk work gives way to no stranger, and to nothing that no form waits for", async () => {
  expect(await isHasty("hy_live_wrong", "", number)).toBe(false);
  expect(await isHasty(env.ROOT_KEY, "/ver_none/cancel", {})).toBe(false);
});

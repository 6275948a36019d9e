import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { MOST_AT_ONCE, PushedBodies, READ_MS, type Unread } from "../../src/api/pushed-body.ts";

/** A clock that goes by being told to. */
function aClock() {
  let at = 0;
  const waiting: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => at,
    wait: (ms: number) => new Promise<void>((wake) => void waiting.push({ until: at + ms, wake })),
    async pass(ms: number) {
      await turn();
      for (const end = at + ms; at < end; ) {
        at++;
        for (const { until, wake } of waiting) if (until === at) wake();
        await turn();
      }
    },
  };
}

const from = (address: string, body: BodyInit | null) =>
  new Request("https://hongyan.test/webhooks/x", {
    method: "POST",
    body,
    headers: { "CF-Connecting-IP": address },
  });

/** A body of which some came, and nothing more does. */
const stuck = () => new ReadableStream({ start: (parts) => parts.enqueue(new Uint8Array(1)) });

function reader() {
  const clock = aClock();
  const bodies = new PushedBodies({ ...clock, trustedProxy: "cloudflare" });
  return { clock, read: (request: Request) => bodies.read(request, 10) };
}

const sizeOf = (read: Uint8Array | Unread) => (typeof read === "number" ? read : read.byteLength);

it("a body is read up to its limit, and given up after five seconds", async () => {
  const { clock, read } = reader();
  expect(sizeOf(await read(from("192.0.2.1", "0123456789")))).toBe(10);
  expect(await read(from("192.0.2.1", "01234567890"))).toBe(413);
  expect(sizeOf(await read(from("192.0.2.1", null)))).toBe(0);
  let slow: Uint8Array | Unread | null = null;
  void read(from("192.0.2.1", stuck())).then((answer) => {
    slow = answer;
  });
  await clock.pass(READ_MS - 1);
  expect(slow).toBeNull();
  await clock.pass(2);
  expect(slow).toBe(408);
});

it("an address that holds too many open waits for its turn, another does not", async () => {
  const { clock, read } = reader();
  for (let n = 0; n < MOST_AT_ONCE; n++) void read(from("192.0.2.1", stuck()));
  await clock.pass(1_000);
  const late = read(from("192.0.2.1", "late"));
  expect(sizeOf(await read(from("192.0.2.2", "now")))).toBe(3);
  await clock.pass(READ_MS);
  expect(sizeOf(await late)).toBe(4);
});

it("one whose turn does not come within five seconds is told to come again", async () => {
  const { clock, read } = reader();
  const hold = () => {
    for (let n = 0; n < MOST_AT_ONCE; n++) void read(from("192.0.2.1", stuck()));
  };
  hold();
  await clock.pass(1);
  hold();
  const late = read(from("192.0.2.1", "late"));
  await clock.pass(READ_MS + 100);
  expect(await late).toBe(503);
});

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { wireDispatch } from "../../src/wiring/dispatch.ts";

it("a queue is told whose rows are due, and nothing of the rows", async () => {
  const told: unknown[] = [];
  const queue = { send: async (message: unknown) => void told.push(message) };
  const { wake } = wireDispatch({
    env: { ...env, SEND_ALIYUN: queue },
    randomBytes: (length: number) => new Uint8Array(length),
    wallClock: Date.now,
    clock: { now: Date.now },
    configuration: async () => ({}),
    logError: (event: string) => told.push(event),
    compliance: {},
    vendors: {},
    sandbox: {},
  } as never);
  const row = { provider: "aliyun", isUrgent: true, to: "+8613900001111", text: "918273" };
  await wake([row, row]);
  expect(told).toEqual([{ provider: "aliyun" }]);
});

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { isTooLarge } from "../../src/triggers/event-body.ts";
import { EventLog } from "../../src/triggers/event-log.ts";
import { anEvent } from "./builders.ts";

const { keys } = depsOf(env);

/** Text in which nothing repeats itself. */
const noise = (bytes: number): string => {
  const parts = Array.from({ length: bytes / 50_000 }, () =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(50_000))).toString("base64"),
  );
  return parts.join("");
};

it.each([
  ["small", "字"],
  ["megabytes long", "字a".repeat(1_000_000)],
  ["as large as the log can hold it", noise(1_000_000)],
])("what is told of an event is kept whole when it is %s", async (_, note) => {
  const log = new EventLog(env.DB, keys);
  const key = crypto.randomUUID();
  const told = anEvent({ id: key, data: { note } });
  expect(isTooLarge(told)).toBe(false);
  const event = {
    ...{ ...told, id: key, key, storefront: "sto_of_bodies", sandbox: false },
    ...{ matched: [], occurredAt: 1, createdAt: 1 },
  };
  await log.append([{ event, numbers: [], outcomes: [], cancels: [] }]);
  expect(await log.find("sto_of_bodies", false, key)).toEqual(event);
});

it("is too large by what is left of it once it is compressed", () => {
  expect(isTooLarge(anEvent({ data: { note: noise(1_200_000) } }))).toBe(true);
});

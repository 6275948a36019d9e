import { expect, it } from "vitest";
import type { AuditRecord } from "../../src/audit/entry.ts";
import { watchBrowserKeys } from "../../src/wiring/browser-keys.ts";

const DAY = 86_400_000;

function wired() {
  const time = { now: 1_000 };
  const told: object[] = [];
  const entered: AuditRecord[] = [];
  const note = watchBrowserKeys({
    clock: { now: () => time.now, wake: (at) => at, unwake: (at) => at },
    config: { PUBLIC_ORIGIN: "https://hongyan.example" },
    audit: { append: async (record) => void entered.push(record) },
    tell: (event, facts) => void told.push({ event, ...facts }),
    logError: (event) => void told.push({ event }),
  });
  const seen = (id: string, origin: string) =>
    note({ id, storefront: "sto_1" }, origin, (work) => void work);
  return { time, told, entered, seen };
}

it("a key that a page sends is told of once a day and entered, and ours are no such pages", () => {
  const { time, told, entered, seen } = wired();
  seen("key_1", "https://hongyan.example");
  expect(told).toEqual([]);
  seen("key_1", "https://shop.example");
  seen("key_1", "https://shop.example");
  seen("key_2", "null");
  expect(told).toEqual([
    { event: "key-in-browser", key: "key_1", storefront: "sto_1", origin: "https://shop.example" },
    { event: "key-in-browser", key: "key_2", storefront: "sto_1", origin: "null" },
  ]);
  expect(entered[0]).toMatchObject({ action: "api_keys.seen_in_browser", actor: "key_1" });
  time.now += DAY;
  seen("key_1", "https://shop.example");
  expect(told).toHaveLength(3);
});

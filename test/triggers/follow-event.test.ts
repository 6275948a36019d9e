import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../src/triggers/event.ts";
import { followEvent } from "../../src/triggers/follow-event.ts";

const refund: NewEvent = {
  id: "refund",
  name: "refund.created",
  to: null,
  country: null,
  contact: null,
  data: { order_no: 5, amount: "9.90" },
  occurredAt: null,
};
const order = { to: "+447400123456", country: "GB", data: { order_no: "#5", amount: "99" } };
const follows = { events: ["created", "paid"], take: ["order_no", "name"] };
const among = (known: Readonly<Record<string, Pick<NewEvent, "to" | "country" | "data">>>) => {
  return (id: string) => Promise.resolve(known[id] ?? null);
};

describe("an event that names nobody", () => {
  it("is for the person of the one that it follows, and keeps what is its own", async () => {
    expect(await followEvent(refund, follows, among({ paid: order }))).toEqual({
      ...refund,
      to: "+447400123456",
      country: "GB",
      data: { order_no: "#5", amount: "9.90" },
    });
  });

  it("passes by one that names nobody either, and stays as it was without any", async () => {
    const nobody = among({ created: { ...order, to: null } });
    expect(await followEvent(refund, follows, nobody)).toEqual(refund);
  });
});

it("an event with a number of its own follows none", async () => {
  const named = { ...refund, to: "+8613800138000" };
  expect(await followEvent(named, follows, among({ created: order }))).toEqual(named);
});

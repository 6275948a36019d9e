import type { ProviderSamples } from "../samples.ts";
import { answer, aPush, NO_OBJECTS, texts } from "../support.ts";

const refusal = answer("30");

const unreadable = [...texts(...NO_OBJECTS), "0,98", "0\n120,880", "00", "-3", "99", "13800138000"];

export const smsbao: ProviderSamples = {
  credentials: { username: "demo_user", password: "Quite/Secret+0001=" },
  secrets: ["password"],
  secretsTravelIn: null,
  isStamped: false,
  accepted: answer("0"),
  acceptedId: null,
  refusal,
  refused: null,
  unreadable,
  batch: {
    answers: (accepted) => (accepted.length > 0 ? answer("0") : refusal),
    unreadable,
  },
  query: null,
  receipts: null,
  replies: {
    push: ([element]) => {
      const query = new URLSearchParams(
        Object.entries(Object(element)).map(([name, value]) => [name, String(value)]),
      );
      return aPush("", { method: "GET", url: `https://hongyan.example/replies?${query}` });
    },
    holds: "one",
    element: { m: "13800138000", c: "TD" },
    reads: { from: "+8613800138000", text: "TD" },
    broken: [
      ...NO_OBJECTS,
      { m: "13800138000" },
      { c: "TD" },
      { m: "", c: "TD" },
      { m: "nobody", c: "TD" },
      { m: "13800138000,13900139000", c: "TD" },
    ],
    acknowledgement: { contentType: "text/plain", body: "0" },
  },
};

import { describe, expect, it } from "vitest";
import { frameOf, framesFor, suffixFor } from "../../src/compliance/opt-out-text.ts";
import {
  allPolicies,
  mergePolicies,
  policiesPatchSchema,
  policyOf,
} from "../../src/compliance/policies.ts";
import { inFrame } from "../../src/templates/frame.ts";

describe("the policies that are built in", () => {
  it("hold offers back at night, ask for consent, and let codes go at any time", () => {
    const china = policyOf({}, "marketing", "CN");
    expect(china.quiet).toEqual({ from: "21:00", to: "08:00", days_off: [] });
    expect(china.consent).toBe("required");
    expect(china.retention_days).toBe(185);
    expect(policyOf({}, "notification", "CN").quiet).toMatchObject({ from: "22:30", to: "08:00" });
    const code = policyOf({}, "otp", "CN").quiet;
    expect(code.from).toBe(code.to);
    expect(policyOf({}, "marketing", "FR").quiet.days_off).toContain("sunday");
  });

  it("have a row for every other country", () => {
    expect(policyOf({}, "marketing", "ZZ")).toEqual(policyOf({}, "marketing", "*"));
    expect(allPolicies({}).marketing["*"]).toEqual(policyOf({}, "marketing", "*"));
  });

  it("may be written back as they are read", () => {
    expect(policiesPatchSchema.safeParse(allPolicies({})).success).toBe(true);
  });
});

/** What the table of countries says of a country's offers. */
const ROWS: readonly (readonly [string, string, string, ...string[]])[] = [
  ["CN", "08:00", "21:00", "R", "T", "TD", "N", "退订", "取消"],
  ["HK", "09:00", "21:00", "TD", "STOP", "退訂"],
  ["TW", "09:00", "21:00", "TD", "退訂", "STOP"],
  ["US", "09:00", "20:00", "STOP", "QUIT", "END", "REVOKE", "OPT OUT", "OPTOUT", "CANCEL"],
  ["US", "09:00", "20:00", "UNSUBSCRIBE", "STOPALL"],
  ["CA", "09:00", "20:00", "STOP", "ARRET", "UNSUBSCRIBE"],
  ["GB", "08:00", "21:00", "STOP"],
  ["FR", "08:00", "22:00", "STOP"],
  ["DE", "08:00", "20:00", "STOP"],
  ["IT", "08:00", "20:00", "STOP"],
  ["AU", "08:00", "20:00", "STOP"],
  ["SG", "09:00", "20:00", "UNSUB", "STOP"],
  ["IN", "10:00", "21:00", "STOP"],
  ["VN", "08:00", "21:00", "TC", "STOP"],
  ["BR", "08:00", "21:00", "SAIR", "PARAR"],
  ["MX", "08:00", "20:00", "BAJA"],
  ["KZ", "09:00", "22:00", "STOP"],
  ["ZZ", "09:00", "20:00", "STOP"],
];

describe("the built-in row of a country", () => {
  it.each(ROWS)(
    "%s opens at %s, closes at %s and knows its words",
    (country, to, from, ...words) => {
      const policy = policyOf({}, "marketing", country);
      expect(policy.quiet).toMatchObject({ from, to });
      expect(policy.opt_out_words).toEqual(expect.arrayContaining(words));
      expect(policy.consent).toBe("required");
    },
  );

  it("says what it goes by, and when that was read", () => {
    for (const rows of Object.values(allPolicies({}))) {
      for (const { source, checked_at } of Object.values(rows)) {
        expect(source.length).toBeGreaterThan(5);
        expect(checked_at === null || checked_at >= "2026-01-01").toBe(true);
      }
    }
  });

  it("marks an offer as one in Singapore, once", () => {
    const policy = policyOf({}, "marketing", "SG");
    const asOffer = (body: string, of = policy) => inFrame(frameOf(body, of), `【Shop】${body}`);
    expect(asOffer("Sale")).toBe("<ADV> 【Shop】Sale Reply STOP to opt out");
    expect(asOffer("<ADV> Sale. Reply STOP to end")).toBe("【Shop】<ADV> Sale. Reply STOP to end");
    const british = policyOf({}, "marketing", "GB");
    expect(asOffer("Sale", british)).toBe("【Shop】Sale Reply STOP to opt out");
  });

  it("frames an offer once for all countries that say the same around it", () => {
    const frames = (body: string, ...countries: string[]) =>
      framesFor(body, countries, (country) => policyOf({}, "marketing", country));
    const stop = { before: "", behind: " Reply STOP to opt out" };
    expect(frames("Sale", "CN", "US", "SG", "GB", "TW", "HK")).toEqual({
      domestic: [{ before: "", behind: "，拒收请回复R" }],
      international: [
        stop,
        { ...stop, before: "<ADV> " },
        { before: "", behind: "，退訂請回覆TD" },
      ],
    });
    const bare = { before: "", behind: "" };
    expect(frames("Sale. Reply STOP to end", "US", "TW").international).toEqual([bare]);
  });
});

describe("a changed policy", () => {
  it("goes by no law any more where its hours are the storefront's own", () => {
    const law = policyOf({}, "marketing", "US");
    const to = (quiet: object, own = {}) => mergePolicies(own, { marketing: { US: { quiet } } });
    const { source, checked_at } = policyOf(to({ from: "19:00" }), "marketing", "US");
    expect([source, checked_at]).toEqual(["the storefront's own hours · 店铺自定时段", null]);
    const { from, to: until, regions } = law.quiet;
    const same = policyOf(to({ from, to: until, regions }), "marketing", "US");
    expect(same.source).toBe(law.source);
    const capped = mergePolicies({}, { marketing: { US: { caps: { per_day: 5 } } } });
    expect(policyOf(capped, "marketing", "US").source).toBe(law.source);
    const read = mergePolicies({}, policiesPatchSchema.parse({ marketing: { US: law } }));
    expect(policyOf(to({ to: "10:00" }, read), "marketing", "US").source).not.toBe(law.source);
    const said = { quiet: { from: "19:00" }, source: "our lawyers" };
    const named = mergePolicies({}, { marketing: { US: said } });
    expect(policyOf(named, "marketing", "US").source).toBe("our lawyers");
    const everywhere = mergePolicies({}, { marketing: { "*": { quiet: { to: "10:00" } } } });
    expect(policyOf(everywhere, "marketing", "US").checked_at).toBeNull();
  });

  it("may be all that was read, and then is what it was", () => {
    const shown = allPolicies({});
    const parsed = policiesPatchSchema.parse(JSON.parse(JSON.stringify(shown)));
    expect(allPolicies(mergePolicies({}, parsed))).toEqual(shown);
  });

  it("changes what it names and leaves the rest", () => {
    const own = mergePolicies({}, { marketing: { CN: { quiet: { to: "09:30" } } } });
    const then = mergePolicies(own, { marketing: { CN: { caps: { per_day: 2 } } } });
    expect(policyOf(then, "marketing", "CN")).toEqual({
      ...policyOf({}, "marketing", "CN"),
      quiet: { from: "21:00", to: "09:30", days_off: [] },
      caps: { per_day: 2, per_week: 3 },
      source: "the storefront's own hours · 店铺自定时段",
    });
    expect(policyOf(then, "marketing", "US")).toEqual(policyOf({}, "marketing", "US"));
  });

  it("for every country gives way to one for the country", () => {
    const own = { marketing: { "*": { consent: "none" }, US: { consent: "required" } } } as const;
    expect(policyOf(own, "marketing", "CN").consent).toBe("none");
    expect(policyOf(own, "marketing", "US").consent).toBe("required");
  });

  it.each([
    { marketing: { CN: { quiet: { from: "24:00" } } } },
    { marketing: { CN: { quiet: { days_off: ["someday"] } } } },
    { marketing: { cn: {} } },
    { marketing: { CN: { caps: { per_day: -1 } } } },
    { marketing: { CN: { retention_days: 184 } } },
    { marketing: { CN: { suffix: "【别的】" } } },
    { marketing: { CN: { nonsense: 1 } } },
    { advertising: { CN: {} } },
  ])("may not be %j", (change) => {
    expect(policiesPatchSchema.safeParse(change).success).toBe(false);
  });
});

describe("the way to opt out", () => {
  const { suffix } = policyOf({}, "marketing", "CN");
  it("is put behind an offer that does not name it", () => {
    expect(suffixFor("【店】全场五折", { suffix })).toBe("，拒收请回复R");
  });
  it.each(["全场五折 拒收请回复R", "全场五折，退订回T", "Half price. Reply STOP to opt out"])(
    "is not said twice: %s",
    (text) => {
      expect(suffixFor(text, { suffix })).toBe("");
    },
  );
  it.each([
    "Your one-stop shop: 50% off",
    "Don't stop now",
    "全场五折，支持退订单",
    "绝不拒收旧货",
  ])("is said where the words mean something else: %s", (text) => {
    expect(suffixFor(text, { suffix })).toBe(suffix);
  });
});

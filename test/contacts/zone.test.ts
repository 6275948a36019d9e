import { describe, expect, it } from "vitest";
import { type ZoneFacts, zoneOf } from "../../src/contacts/zone.ts";

const of = (facts: Partial<ZoneFacts>) =>
  zoneOf({ e164: "+8613800138000", country: "CN", storefront: "Asia/Shanghai", ...facts });
const american = (areaCode: string, more: Partial<ZoneFacts> = {}) =>
  of({ e164: `+1${areaCode}5550123`, country: "US", ...more });

describe("the zone of a person", () => {
  it("is the profile's, whatever city and number say", () => {
    const zone = american("212", { profile: "Europe/Paris", city: "东京" });
    expect(zone).toEqual({ zone: "Europe/Paris", source: "profile", confidence: "high" });
  });

  it.each([
    ["纽约", "America/New_York"],
    ["New York", "America/New_York"],
    ["los_angeles", "America/Los_Angeles"],
    ["São Paulo", "America/Sao_Paulo"],
    ["杭州市", "Asia/Shanghai"],
    ["Zürich", "Europe/Zurich"],
  ])("is that of the city %s", (city, zone) => {
    expect(american("808", { city })).toEqual({ zone, source: "city", confidence: "high" });
  });

  it("may be two in Xinjiang: official time and the sun's", () => {
    expect(of({ city: "乌鲁木齐市" })).toEqual({
      zone: "Asia/Shanghai",
      zones: ["Asia/Shanghai", "Asia/Urumqi"],
      source: "city",
      confidence: "low",
    });
  });

  it("is told from the number where nobody knows the city", () => {
    const unknown = { city: "Nowhere-on-Sea" };
    expect(american("415", unknown)).toEqual({
      zone: "America/Los_Angeles",
      source: "prefix",
      confidence: "medium",
    });
    expect(of(unknown)).toEqual({ zone: "Asia/Shanghai", source: "prefix", confidence: "high" });
    expect(of({ e164: "+447400123456", country: "GB" }).zone).toBe("Europe/London");
  });

  it("is one of two where an area code crosses a border", () => {
    const { zones, confidence } = american("850");
    expect(zones).toEqual(["America/New_York", "America/Chicago"]);
    expect(confidence).toBe("low");
  });

  it("is one of all that its country has, from west to east, where the number tells no more", () => {
    const zone = american("800");
    expect(zone.confidence).toBe("low");
    expect(zone.zones?.slice(0, 2)).toEqual(["America/Adak", "Pacific/Honolulu"]);
    expect(zone.zones?.at(-1)).toBe("America/Detroit");
    const russian = of({ e164: "+79161234567", country: "RU" });
    expect(russian.zones).toHaveLength(11);
    // Twelve names of one time are one.
    expect(of({ e164: "+5491123456789", country: "AR" }).confidence).toBe("high");
  });

  it("is the storefront's of the possible ones, and where a country has none", () => {
    expect(american("800", { storefront: "America/New_York" }).zone).toBe("America/New_York");
    expect(of({ e164: "+99", country: "ZZ" })).toEqual({
      zone: "Asia/Shanghai",
      source: "storefront",
      confidence: "low",
    });
  });
});

import { describe, expect, it } from "vitest";
import { principalOfPerson } from "../../src/access/principal.ts";
import { ROLES, type Role, roleHas } from "../../src/access/roles.ts";
import { SCOPES } from "../../src/access/scopes.ts";

const scopesOf = (role: Role) => SCOPES.filter((scope) => roleHas(role, scope));
const person = (role: Role, isFresh: boolean) =>
  principalOfPerson({
    id: "usr_1",
    email: "li@shop.example",
    name: "Li",
    role,
    storefront: "sto_1",
    disabledAt: null,
    invitedUntil: null,
    twoFactorEnabled: false,
    createdAt: 1,
    sessionId: "session_1",
    isFresh,
  });

describe("roles", () => {
  it("an owner has every scope", () => expect(scopesOf("owner")).toEqual(SCOPES));

  it.each(ROLES.filter((role) => role !== "owner"))("a person who is %s lets nobody in", (role) => {
    expect(scopesOf(role).filter((scope) => /^(people|api_keys):/.test(scope))).toEqual([]);
  });

  it.each(["analyst", "viewer"] as const)("a person who is %s changes nothing", (role) => {
    expect(scopesOf(role).filter((scope) => !scope.endsWith(":read"))).toEqual([]);
    expect(roleHas(role, "messages:read")).toBe(true);
    expect(roleHas(role, "pii:read")).toBe(false);
  });

  it("who makes templates and campaigns does not approve them, but for owners", () => {
    const both = ROLES.filter(
      (role) => roleHas(role, "campaigns:write") && roleHas(role, "campaigns:approve"),
    );
    expect(both).toEqual(["owner"]);
    expect(ROLES.filter((role) => roleHas(role, "templates:approve"))).toEqual([
      "owner",
      "reviewer",
    ]);
  });

  it("numbers in full are for owners and operators", () => {
    expect(ROLES.filter((role) => roleHas(role, "pii:read"))).toEqual(["owner", "operator"]);
  });
});

describe("a person", () => {
  it("sees numbers in full, and lets keys see them, while the proof is fresh", () => {
    expect([true, false].map((isFresh) => person("operator", isFresh).can("pii:read"))).toEqual([
      true,
      false,
    ]);
    expect(person("owner", false).mayGive("pii:read")).toBe(false);
    expect(person("viewer", true).can("pii:read")).toBe(false);
  });

  it("is known by his id and bound to his storefront", () => {
    expect(person("viewer", false)).toMatchObject({
      id: "usr_1",
      storefront: "sto_1",
      mode: "live",
    });
  });
});

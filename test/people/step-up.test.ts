import { z } from "@hono/zod-openapi";
import { beforeAll, describe, expect, it } from "vitest";
import { endpoints } from "../../src/app.ts";
import { MINUTE } from "../../src/lib/time.ts";
import { type Browser, deps, setSession, signedIn } from "./support.ts";

type Declared = Pick<
  (typeof endpoints)[number],
  "method" | "path" | "scope" | "audit" | "reveals" | "stepUp" | "answers"
>;
const declared: readonly Declared[] = endpoints;
const nameOf = ({ method, path }: Declared) => `${method.toUpperCase()} ${path}`;
const asked = declared.filter(({ stepUp }) => stepUp).map(nameOf);
const askedBut = (names: readonly string[]) => names.filter((name) => !asked.includes(name));

/** Whether an answer has a field of such a name, at any depth. */
const shows = ({ answers }: Declared, fields: RegExp): boolean =>
  Object.values(answers).some(({ schema }) =>
    fields.test(JSON.stringify(z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }))),
  );

describe("a fresh proof is asked for", () => {
  it("by everything that makes or changes who may come in, or where texts and receipts go", () => {
    expect(
      askedBut([
        "POST /v1/api-keys",
        "POST /v1/api-keys/{id}/rotate",
        "POST /v1/people",
        "PATCH /v1/people/{id}",
        "POST /v1/people/{id}/invite",
        "POST /v1/provider-accounts",
        "PATCH /v1/provider-accounts/{id}",
        "POST /v1/provider-accounts/{id}/rotate-callback",
        "POST /v1/hooks",
        "DELETE /v1/suppressions",
        "POST /v1/campaigns/{id}/approve",
        "POST /v1/privacy/exports",
      ]),
    ).toEqual([]);
  });

  it("by everything whose answer shows a secret", () => {
    const showing = declared.filter((one) => shows(one, /"(secret|token)":/)).map(nameOf);
    expect(showing.length).toBeGreaterThan(4);
    // A challenge's token is for every visitor of a shop.
    expect(askedBut(showing)).toEqual(["GET /v1/challenges", "POST /v1/challenges"]);
  });

  it("by everything that exports, but for figures, in which nobody is named", () => {
    const exporting = declared
      .filter((one) => /export|\.csv/.test(`${one.path} ${one.reveals}`))
      .map(nameOf);
    expect(askedBut(exporting)).toEqual(["GET /v1/campaigns/{id}/report.csv"]);
  });

  it("by every approval of what is sent to many", () => {
    const approving = declared.filter(({ scope }) => scope === "campaigns:approve").map(nameOf);
    // A rejection sends nothing.
    expect(askedBut(approving)).toEqual(["POST /v1/campaigns/{id}/reject"]);
  });
});

describe("a person whose proof is old", () => {
  let browser: Browser;
  let fresh: Browser;
  beforeAll(async () => {
    fresh = (await signedIn("owner")).browser;
    const stale = await signedIn("owner");
    browser = stale.browser;
    await setSession(stale.person, "authenticated_at", deps.clock.now() - 5 * MINUTE);
  });

  const STEP_UP = /step-up/;
  const refusal = async (by: Browser, { method, path }: Declared) => {
    const answer = await by.ask(method.toUpperCase(), path.replace(/\{\w+\}/g, "none"));
    return answer.status === 403 && STEP_UP.test(answer.body.detail);
  };

  it("is sent to show again who he is, by each of them; who just did is not", async () => {
    const each = declared.filter(({ stepUp }) => stepUp);
    const letIn: string[] = [];
    const keptOut: string[] = [];
    for (const one of each) {
      if (!(await refusal(browser, one))) letIn.push(nameOf(one));
      if (await refusal(fresh, one)) keptOut.push(nameOf(one));
    }
    expect([letIn, keptOut]).toEqual([[], []]);
  });

  it("sees numbers masked: the scope that shows them is not his until he did", async () => {
    const scopesOf = async (by: Browser) => (await by.ask("GET", "/v1/session")).body.scopes;
    expect(await scopesOf(fresh)).toContain("pii:read");
    expect(await scopesOf(browser)).not.toContain("pii:read");
  });
});

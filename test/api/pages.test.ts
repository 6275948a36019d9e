import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";

const deps = depsOf(env);
const read = (path: string, own = deps) =>
  createApp(own).fetch(new Request(`https://hongyan.test${path}`), env, createExecutionContext());

describe.each(["/docs", "/problems/forbidden", "/l/none"])("the page %s", (path) => {
  it("runs scripts from files of ours alone, and stands in nobody's frame", async () => {
    const page = await read(path);
    const policy = page.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src '(self|none)'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(Object.fromEntries(page.headers)).toMatchObject({
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    const policies = /trusted-types ([^;]*)$/.exec(policy)?.[1];
    expect(policies).toBe(path === "/docs" ? "default inert dompurify" : "'none'");
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]* src="\/)|\son\w+=|javascript:/);
  });
});

it("browsers are told to come by https where that is how we are reached", async () => {
  const https = { ...deps, config: { ...deps.config, PUBLIC_ORIGIN: "https://hongyan.test" } };
  const told = async (own: typeof deps) =>
    (await read("/healthz", own)).headers.get("Strict-Transport-Security");
  expect([await told(https), await told(deps)]).toEqual(["max-age=31536000", null]);
});

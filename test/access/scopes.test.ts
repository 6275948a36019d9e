import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { isScope, SCOPES } from "../../src/access/scopes.ts";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";

it("every scope that an endpoint asks for can be given to a key", async () => {
  const request = new Request("https://sms.example/openapi.json");
  const answer = await createApp(depsOf(env)).fetch(request, env, createExecutionContext());
  const asked = [...(await answer.text()).matchAll(/Scope: `([^`]+)`/g)];
  const scopes = new Set(asked.map(([, scope]) => scope ?? ""));
  expect(scopes.size).toBeGreaterThan(10);
  expect([...scopes].filter((scope) => !isScope(scope))).toEqual([]);
});

it("no scope is listed twice", () => {
  expect(new Set(SCOPES).size).toBe(SCOPES.length);
});

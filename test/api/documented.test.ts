import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";

/** Served, and not in the document: none of them takes a key. */
const UNDOCUMENTED: Readonly<Record<string, string>> = {
  "GET /docs": "a page",
  "GET /healthz": "says nothing of anybody",
  "GET /l/{code}": "a customer's short link",
  "GET /openapi.json": "the document itself",
  "GET /problems/{slug}": "a page",
  "GET /webhooks/{provider}/{account}/{token}/replies": "a vendor's push: its token is the key",
  "POST /hooks/{shop}/{token}": "a shop's call: token and signature",
  "POST /webhooks/{provider}/{account}/{token}": "a vendor's push",
  "POST /webhooks/{provider}/{account}/{token}/receipts": "a vendor's push",
  "POST /webhooks/{provider}/{account}/{token}/replies": "a vendor's push",
};

it("every route that takes a key is in the document, from which its walls are tested", async () => {
  const app = createApp(depsOf(env));
  const request = new Request("https://hongyan.test/openapi.json");
  const answer = await app.fetch(request, env, createExecutionContext());
  const { paths } = (await answer.json()) as { paths: Record<string, object> };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const rest = served.filter((route) => !documented.includes(route));
  expect([...new Set(rest)].sort()).toEqual(Object.keys(UNDOCUMENTED));
  expect(documented.filter((route) => !served.includes(route))).toEqual([]);
});

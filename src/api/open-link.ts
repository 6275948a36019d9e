import type { Context } from "hono";
import { html } from "hono/html";
import { type OpenLinkDeps, openLink } from "../links/open-link.ts";
import type { Api } from "./endpoint.ts";
import { pageHeaders } from "./page-headers.ts";

const HEADERS = pageHeaders({
  "script-src": "'none'",
  "style-src": "'none'",
  "form-action": "'none'",
});

const unknownPage = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>No such link · 链接不存在</title>
    </head>
    <body>
      <h1>There is no such link.</h1>
      <p>Please look at the message again: a letter may be missing.</p>
      <h1 lang="zh-CN">链接不存在</h1>
      <p lang="zh-CN">请核对短信中的链接，可能缺少字符。</p>
    </body>
  </html>`;

/** Where short codes lead; nothing of the request has a say in it. */
export function mountLinks(
  api: Api,
  opening: (later: (work: Promise<unknown>) => void) => OpenLinkDeps,
): void {
  api.get("/l/:code", async (context: Context) => {
    const deps = opening((work) => context.executionCtx.waitUntil(work));
    const location = await openLink(deps, context.req.param("code") ?? "", context.req.raw);
    if (location === null) return context.html(unknownPage, 404, HEADERS);
    return new Response(null, {
      status: 302,
      headers: { Location: location, "Cache-Control": "no-store" },
    });
  });
}

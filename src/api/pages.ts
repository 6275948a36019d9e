import { html } from "hono/html";
import type { Api } from "./endpoint.ts";
import { pageHeaders } from "./page-headers.ts";
import { PROBLEMS, type ProblemSlug } from "./problem.ts";

/** Swagger UI writes styles into its elements, and cleans what it renders with DOMPurify. */
const DOCS_HEADERS = pageHeaders({
  "style-src": "'self' 'unsafe-inline'",
  // Those of `assets/hongyan.js`, and its own.
  "trusted-types": "default inert dompurify",
});
const TEXT_HEADERS = pageHeaders({
  "script-src": "'none'",
  "style-src": "'unsafe-inline'",
  "form-action": "'none'",
});

/** The pages for people: the reference, and what each problem means. */
export function mountPages(api: Api): void {
  api.get("/docs", (context) => {
    const page = html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>Hongyan API</title>
          <link rel="icon" href="/docs/assets/favicon-32x32.png" />
          <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
        </head>
        <body>
          <div id="swagger-ui"></div>
          <script src="/docs/assets/swagger-ui-bundle.js"></script>
          <script src="/docs/assets/hongyan.js"></script>
        </body>
      </html>`;
    return context.html(page, 200, DOCS_HEADERS);
  });

  api.get("/problems/:slug", (context) => {
    const slug = context.req.param("slug");
    if (!Object.hasOwn(PROBLEMS, slug)) return context.notFound();
    const { status, title, zh, help, helpZh } = PROBLEMS[slug as ProblemSlug];
    const page = html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>${title} · ${zh}</title>
          <style>
            body { font: 1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
            code { background: #f0f0f0; padding: 0 0.25em; }
          </style>
        </head>
        <body>
          <p><code>${slug}</code> · ${status}</p>
          <h1>${title}</h1>
          <p>${help}</p>
          <h1 lang="zh-CN">${zh}</h1>
          <p lang="zh-CN">${helpZh}</p>
        </body>
      </html>`;
    return context.html(page, 200, TEXT_HEADERS);
  });
}

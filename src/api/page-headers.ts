/** What a page may load: scripts from files of ours alone, never from within the page. */
const BASE = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data:",
  "font-src": "'self'",
  "connect-src": "'self'",
  "form-action": "'self'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
  "require-trusted-types-for": "'script'",
  "trusted-types": "'none'",
};

/** The headers of an HTML page; `change` names the directives that it needs otherwise. */
export function pageHeaders(change: Readonly<Partial<typeof BASE>> = {}): Record<string, string> {
  const policy = Object.entries({ ...BASE, ...change });
  return {
    "Content-Security-Policy": policy.map((directive) => directive.join(" ")).join("; "),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
  };
}

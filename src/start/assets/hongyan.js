// Kept in a file so that the page's Content-Security-Policy needs no inline script.

const RUNNING = "script, iframe, object, embed, base, meta, link, template, form";

const runs = ({ name, value }) =>
  name.startsWith("on") || name === "srcdoc" || /^[\s\p{Cc}]*(javascript|data:text)/iu.test(value);

// Swagger UI writes markup as text. Nothing of it may run: what could is not written at all.
if (window.trustedTypes) {
  const inert = trustedTypes.createPolicy("inert", { createHTML: (text) => text });
  trustedTypes.createPolicy("default", {
    createHTML(text) {
      const read = new DOMParser().parseFromString(inert.createHTML(text), "text/html");
      const all = [...read.querySelectorAll("*")];
      const isDead = all.every((one) => !one.matches(RUNNING) && ![...one.attributes].some(runs));
      return isDead ? text : null;
    },
  });
}

window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: null,
    persistAuthorization: false,
  });
});

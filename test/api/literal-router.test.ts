import { describe, expect, it } from "vitest";
import { LiteralRouter } from "../../src/api/literal-router.ts";

const handlers = (router: LiteralRouter<string>, method: string, path: string) =>
  router.match(method, path)[0].map(([handler]) => handler);

describe("the router", () => {
  const router = new LiteralRouter<string>();
  router.add("ALL", "*", "every");
  router.add("GET", "/v1/templates/:id", "one");
  router.add("POST", "/v1/templates/preview", "preview");

  it("finds what is there for a method, the first time and every time", () => {
    for (const _ of [1, 2]) {
      expect(handlers(router, "POST", "/v1/templates/preview")).toEqual(["every", "preview"]);
      expect(handlers(router, "GET", "/v1/templates/tpl_1")).toEqual(["every", "one"]);
    }
  });

  it("takes a path that is written out for no id, by any method", () => {
    expect(handlers(router, "GET", "/v1/templates/preview")).toEqual(["every"]);
  });

  it("tells the parameters of each request", () => {
    const params = (id: string) => router.match("GET", `/v1/templates/${id}`)[0].at(-1)?.[1];
    expect([params("tpl_1"), params("tpl_2")]).toEqual([{ id: "tpl_1" }, { id: "tpl_2" }]);
  });

  it("knows a route that is added after it was asked", () => {
    expect(handlers(router, "PUT", "/v1/templates/preview")).toEqual(["every"]);
    router.add("PUT", "/v1/templates/preview", "late");
    expect(handlers(router, "PUT", "/v1/templates/preview")).toEqual(["every", "late"]);
  });
});

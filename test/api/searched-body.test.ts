import { expect, it } from "vitest";
import { problem } from "../../src/api/problem.ts";
import { searchBody } from "../../src/api/searched-body.ts";

const refuse = (text: string) => (text.includes("secret") ? problem("credential-in-url") : null);

/** A request whose body comes in these pieces. */
function inPieces(...pieces: string[]) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  const headers = { "Content-Type": "text/csv" };
  return searchBody(
    new Request("https://hongyan.test/", { method: "POST", headers, body }),
    refuse,
  );
}

it("a body without a key comes through as it is", async () => {
  const { request, refused } = inPieces("to\n", "+8613800138000\n", "名");
  expect(request.headers.get("Content-Type")).toBe("text/csv");
  expect(await request.text()).toBe("to\n+8613800138000\n名");
  expect(refused()).toBeNull();
});

it.each([
  ["in one piece", ["a\n", "b secret\n", "c"], "a\n"],
  ["over a seam", ["a sec", "ret\n", "c"], "a sec"],
  ["in many", ["a", "s", "e", "c", "r", "e", "t", "b"], "asecre"],
])("nothing comes through from a key on that stands %s", async (_, pieces, before) => {
  const { request, refused } = inPieces(...pieces);
  expect(await request.text()).toBe(before);
  expect(refused()).toMatchObject({ problem: "credential-in-url" });
});

it("a request without a body stays without", async () => {
  const bare = new Request("https://hongyan.test/", { method: "POST" });
  expect(searchBody(bare, refuse).request.body).toBeNull();
});

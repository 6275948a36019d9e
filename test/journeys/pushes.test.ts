import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Hongyan } from "./hongyan.ts";

const MOST = 256 * 1024;
const ACKNOWLEDGED = '{"code":0,"msg":"OK"}';

const product = new Hongyan();
const callbacks: Record<string, string> = {};
beforeAll(async () => {
  await product.start();
  for (const { provider, callback_urls } of (await product.request("GET", "/v1/provider-accounts"))
    .body.data) {
    callbacks[provider] = callback_urls.receipts;
  }
});
afterAll(() => product.dispose());

const lengthIn = (head = "") => Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);

/** What is answered to bytes as they are written here: clients that lie are not in any library. */
function write(url: string, headers: readonly string[], body: string) {
  const { hostname, port, pathname } = new URL(url);
  return new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    const done = () => {
      const [head = "", rest = ""] = answer.split("\r\n\r\n", 2);
      socket.destroy();
      const length = lengthIn(head);
      resolve({ status: Number(head.split(" ")[1]), body: rest.slice(0, length) });
    };
    socket.on("data", (part) => {
      answer += part;
      const [head, rest = ""] = answer.split("\r\n\r\n", 2);
      if (rest.length >= lengthIn(head) && answer.includes("\r\n\r\n")) done();
    });
    socket.on("error", reject);
    socket.on("close", done);
    socket.write([`POST ${pathname} HTTP/1.1`, "Host: hongyan", ...headers, "", body].join("\r\n"));
  });
}

const spaces = (length: number) => `[${" ".repeat(length - 2)}]`;
const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const aliyun = () => callbacks.aliyun ?? "";

describe.concurrent("a push", () => {
  it("of 256 KiB is taken, of a byte more is not, whichever way its length is told", async () => {
    const told = (length: number) => write(aliyun(), [`Content-Length: ${length}`], spaces(length));
    const untold = (length: number) =>
      write(aliyun(), ["Transfer-Encoding: chunked"], chunked(spaces(length)));
    for (const push of [told, untold]) {
      expect(await push(MOST)).toEqual({ status: 200, body: ACKNOWLEDGED });
      expect(await push(MOST + 1)).toEqual({ status: 413, body: "" });
    }
  });

  it("that says it is too long is refused before any of it came", async () => {
    const refused = await write(aliyun(), [`Content-Length: ${MOST + 1}`], "");
    expect(refused).toEqual({ status: 413, body: "" });
  });

  it("that is longer than it says is read as far as it says", async () => {
    const cut = await write(aliyun(), ["Content-Length: 2"], `[]${" ".repeat(2 * MOST)}`);
    expect(cut).toEqual({ status: 200, body: ACKNOWLEDGED });
  });

  it("to a URL that is wrong gets a 404 without a word, before any of it came", async () => {
    const wrong = aliyun().replace(/[^/]{8}\/receipts$/, "00000000/receipts");
    expect(wrong).not.toBe(aliyun());
    expect(await write(wrong, ["Content-Length: 100"], "")).toEqual({ status: 404, body: "" });
  });

  it("without its vendor's signature is refused before any of it came", async () => {
    const unsigned = await write(callbacks.twilio ?? "", ["Content-Length: 100"], "");
    expect(unsigned).toEqual({ status: 403, body: "" });
    const made = await product.post("/v1/hooks", { shop: "shopify", secret: "a shared secret" });
    const call = await write(made.body.url, ["Content-Length: 100"], "");
    expect(call).toEqual({ status: 401, body: "" });
  });

  it.each([
    ["its length told", ["Content-Length: 100"], "["],
    ["its length not told", ["Transfer-Encoding: chunked"], "1\r\n[\r\n"],
  ])("that does not come to its end is given up, %s", async (_, headers, begun) => {
    expect(await write(aliyun(), headers, begun)).toEqual({ status: 408, body: "" });
  });
});

import type { Hongyan, Reply } from "./hongyan.ts";

/** Which problem it is. */
export const slug = ({ body }: Reply) => body.type.replace("/problems/", "");

/** What a client does with keys of its own. */
export function keysOf(product: Hongyan) {
  const as = (secret: string) => ({ Authorization: `Bearer ${secret}` });
  const ask = (secret: string, method: string, path: string, body?: unknown): Promise<Reply> =>
    product.request(method, path, body, as(secret));
  const status = async (secret: string, path = "/v1/messages") =>
    (await ask(secret, "GET", path)).status;

  async function make(change: object = {}, by?: string): Promise<Reply> {
    const body = { name: "a key", mode: "live", scopes: ["messages:read"], ...change };
    return by ? ask(by, "POST", "/v1/api-keys", body) : product.post("/v1/api-keys", body);
  }
  return { as, ask, status, make };
}

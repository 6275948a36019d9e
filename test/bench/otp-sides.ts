import { ROOT_KEY } from "../journeys/hongyan.ts";
import type { Bare } from "./bare/otp.ts";
import { expectStatus, type Send } from "./load.ts";

/** One of the two that are compared: both send and check codes, one of them does nothing else. */
export interface Side {
  readonly name: "product" | "bare";
  send(number: string): Promise<void>;
  code(number: string): Promise<string>;
  check(number: string, code: string): Promise<void>;
}

/** The newest code on a handset; both sides end their texts with it. */
function handsetReader(send: Send, simulator: string) {
  return async (number: string): Promise<string> => {
    const answer = await send("GET", `${simulator}/handsets/${number}/messages`);
    expectStatus(answer, 200, "the handset");
    const { data } = JSON.parse(answer.text) as { data: { text: string }[] };
    const code = /#(\d{6})$/.exec(data[0]?.text ?? "")?.[1];
    if (code === undefined) throw new Error(`no code is on ${number}`);
    return code;
  };
}

export function productSide(send: Send, api: string, simulator: string): Side {
  const headers = { Authorization: `Bearer ${ROOT_KEY}` };
  return {
    name: "product",
    async send(to) {
      const body = { to, purpose: "login" };
      expectStatus(await send("POST", `${api}/v1/verifications`, body, headers), 201, "a send");
    },
    code: handsetReader(send, simulator),
    async check(to, code) {
      const body = { to, purpose: "login", code };
      const answer = await send("POST", `${api}/v1/verifications/check`, body, headers);
      expectStatus(answer, 200, "a check");
      if (JSON.parse(answer.text).status !== "approved") throw new Error(answer.text);
    },
  };
}

export function bareSide(send: Send, bare: Bare): Side {
  const { origin, simulator, template } = bare;
  return {
    name: "bare",
    async send(to) {
      expectStatus(await send("POST", `${origin}/send`, { to, template }), 201, "a bare send");
    },
    code: handsetReader(send, simulator),
    async check(to, code) {
      const answer = await send("POST", `${origin}/check`, { to, code });
      expectStatus(answer, 200, "a bare check");
      if (JSON.parse(answer.text).valid !== true) throw new Error(answer.text);
    },
  };
}

import { describe, expect, it } from "vitest";
import { acs3Signature, rpcSignature } from "../../src/simulator/vendors/aliyun-signature.ts";
import { tc3Signature } from "../../src/simulator/vendors/tencent-signature.ts";
import aliyun from "../providers/vectors/aliyun.json" with { type: "json" };
import tencent from "../providers/vectors/tencent.json" with { type: "json" };

const headersOf = (request: { headers: object }): Headers =>
  new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

/** The parts of an Authorization header that both vendors write alike. */
function claimOf(headers: Headers): { signed: [string, string][]; signature: string } {
  const authorization = headers.get("authorization") ?? "";
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? "";
  return {
    signed: names.split(";").map((name) => [name, headers.get(name) ?? ""]),
    signature: /Signature=([0-9a-f]{64})/.exec(authorization)?.[1] ?? "none",
  };
}

const isRpc = ({ name }: { name: string }): boolean => name.startsWith("rpc1-");

describe("signatures that the vendors' own SDKs made", () => {
  it.each(aliyun.vectors.filter((vector) => !isRpc(vector)))("recomputes $name", (vector) => {
    const { request, credentials } = vector;
    const headers = headersOf(request);
    const url = new URL(request.url);
    const { signed, signature } = claimOf(headers);
    const parts = {
      method: request.method,
      path: url.pathname,
      query: [...url.searchParams],
      headers: signed,
      payloadHash: headers.get("x-acs-content-sha256") ?? "",
    };
    expect(acs3Signature(parts, credentials.accessKeySecret)).toBe(signature);
  });

  it.each(aliyun.vectors.filter(isRpc))("recomputes $name", ({ request, credentials }) => {
    const pairs = [...new URL(request.url).searchParams, ...new URLSearchParams(request.body)];
    const signature = rpcSignature(request.method, pairs, credentials.accessKeySecret);
    expect(signature).toBe(Object.fromEntries(pairs).Signature);
  });

  it.each(tencent.vectors)("recomputes $name", ({ request, credentials }) => {
    const headers = headersOf(request);
    const url = new URL(request.url);
    const { signed, signature } = claimOf(headers);
    const timestamp = headers.get("x-tc-timestamp") ?? "";
    const parts = {
      method: request.method,
      path: url.pathname,
      query: url.search.slice(1),
      headers: signed,
      body: request.body,
      timestamp,
      date: new Date(Number(timestamp) * 1000).toISOString().slice(0, 10),
      service: "sms",
    };
    expect(tc3Signature(parts, credentials.secretKey)).toBe(signature);
  });
});

import { describe, expect, it } from "vitest";
import { canonicalQuery, percentEncode, signAcs3 } from "../../../src/providers/signing/acs3.ts";
import captured from "../vectors/aliyun.json";

const isSignedLater = (name: string) =>
  name === "authorization" || name === "host" || name === "x-acs-content-sha256";

describe("ACS3-HMAC-SHA256", () => {
  it.each(captured.vectors)("signs $name as the vendor's SDK does", ({ credentials, request }) => {
    const url = new URL(request.url);
    const sent: Readonly<Record<string, string>> = { ...request.headers };
    const headers = Object.fromEntries(
      Object.entries(sent).filter(([name]) => !isSignedLater(name)),
    );

    const signed = signAcs3(credentials, {
      method: "POST",
      host: url.host,
      query: Object.fromEntries(url.searchParams),
      headers,
      body: request.body,
    });

    expect(signed.authorization).toBe(sent.authorization);
    expect(signed["x-acs-content-sha256"]).toBe(sent["x-acs-content-sha256"]);
  });

  it("reproduces the example that the vendor publishes", () => {
    const signed = signAcs3(
      { accessKeyId: "YourAccessKeyId", accessKeySecret: "YourAccessKeySecret" },
      {
        method: "POST",
        host: "ecs.cn-shanghai.aliyuncs.com",
        query: {
          RegionId: "cn-shanghai",
          ImageId: "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        },
        headers: {
          "x-acs-action": "RunInstances",
          "x-acs-version": "2014-05-26",
          "x-acs-date": "2023-10-26T10:22:32Z",
          "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        },
        body: "",
      },
    );
    expect(signed.authorization).toMatch(
      /Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0$/,
    );
  });

  it("signs temporary credentials with the rest, and leaves other headers unsigned", () => {
    const sign = (headers: Record<string, string>) =>
      signAcs3(
        { accessKeyId: "id", accessKeySecret: "secret" },
        { method: "POST", host: "dysmsapi.aliyuncs.com", query: {}, headers, body: "" },
      ).authorization;

    const plain = sign({ "x-acs-action": "SendSms" });
    const temporary = sign({ "x-acs-action": "SendSms", "x-acs-security-token": "token" });
    expect(temporary).toContain(
      "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-security-token,",
    );
    expect(temporary).not.toBe(plain);
    expect(sign({ "x-acs-action": "SendSms", accept: "application/json" })).toBe(plain);
  });
});

describe("percent encoding", () => {
  it("leaves only letters, digits and -._~ as they are", () => {
    expect(percentEncode("Az09-._~")).toBe("Az09-._~");
    expect(percentEncode(" !'()*+/:=&$,;?@#%")).toBe(
      "%20%21%27%28%29%2A%2B%2F%3A%3D%26%24%2C%3B%3F%40%23%25",
    );
    expect(percentEncode("签名😀")).toBe("%E7%AD%BE%E5%90%8D%F0%9F%98%80");
  });

  it("replaces half a surrogate pair instead of throwing", () => {
    expect(percentEncode("a\ud83d")).toBe("a%EF%BF%BD");
  });

  it("sorts a query by code unit and keeps empty values", () => {
    expect(canonicalQuery({ b: "2", a: "", B: "1", "a.1": "x y" })).toBe("B=1&a=&a.1=x%20y&b=2");
  });
});

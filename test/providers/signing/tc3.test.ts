import { describe, expect, it } from "vitest";
import { signTc3 } from "../../../src/providers/signing/tc3.ts";
import captured from "../vectors/tencent.json";

describe("TC3-HMAC-SHA256", () => {
  it.each(captured.vectors)("signs $name as the vendor's SDK does", ({ credentials, request }) => {
    const authorization = signTc3(credentials, {
      host: new URL(request.url).host,
      service: "sms",
      contentType: request.headers["content-type"],
      timestampSeconds: Number(request.headers["x-tc-timestamp"]),
      body: request.body,
    });
    expect(authorization).toBe(request.headers.authorization);
  });

  it("reproduces the example that the vendor publishes", () => {
    const authorization = signTc3(
      {
        secretId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
      },
      {
        host: "cvm.tencentcloudapi.com",
        service: "cvm",
        contentType: "application/json; charset=utf-8",
        timestampSeconds: 1551113065,
        body: '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
      },
    );
    expect(authorization).toBe(
      "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
    );
  });
});

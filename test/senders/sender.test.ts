import { describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { fileSender } from "../../src/senders/file-sender.ts";
import { SENDER_NAME, type SenderFiling, senderStatus } from "../../src/senders/sender.ts";

describe("a sender's name", () => {
  it.each(["鸿雁", "Goose2026", "十二个字的签名刚刚好就这", "A&B"])("may be %s", (name) => {
    expect(name).toMatch(SENDER_NAME);
  });

  it.each(["雁", "x".repeat(13), "【鸿雁】", "鸿 雁", "鸿\u200b雁", "鸿，雁", "(鸿雁)"])(
    "may not be %j",
    (name) => {
      expect(name).not.toMatch(SENDER_NAME);
    },
  );
});

describe("a sender", () => {
  const filed = (...statuses: SenderFiling["status"][]) =>
    statuses.map((status) => ({
      account: "acc_1",
      providerSenderId: null,
      status,
      carrierState: null,
      detail: null,
    }));

  it.each([
    [[], "approved"],
    [["submitted"], "submitted"],
    [["rejected", "submitted"], "submitted"],
    [["rejected", "approved"], "approved"],
    [["rejected", "rejected"], "rejected"],
  ] as const)("with filings %j is %s", (statuses, status) => {
    expect(senderStatus(filed(...statuses))).toBe(status);
  });

  it("is filed with enabled accounts that file names, and says what each made of it", async () => {
    const account = (id: string, more: object = {}) => ({
      id,
      provider: aliyun as Provider,
      credentials: { access_key_id: "id", access_key_secret: "secret" },
      endpoint: `https://${id}.test/`,
      relay: null,
      enabled: true,
      ...more,
    });
    const answers: Record<string, object> = {
      good: { Code: "OK", SignName: "Shop" },
      taken: { Code: "isv.SIGN_NAME_ILLEGAL", Message: "taken" },
    };
    const filings = await fileSender(
      {
        stamp: () => ({ now: new Date(0), nonce: "0".repeat(64) }),
        async fetch(url) {
          const answer = answers[new URL(url).hostname.split(".")[0] ?? ""];
          if (!answer) throw new Error("connection reset");
          return Response.json(answer);
        },
      },
      [
        account("good"),
        account("taken"),
        account("silent"),
        account("broken", { endpoint: "" }),
        account("off", { enabled: false }),
        account("free", { provider: { ...aliyun, senders: null } }),
      ],
      "Shop",
    );
    expect(filings).toMatchObject([
      { account: "good", status: "submitted", detail: null, providerSenderId: "Shop" },
      { account: "taken", status: "rejected", detail: "isv.SIGN_NAME_ILLEGAL taken" },
      { account: "silent", status: "submitted", providerSenderId: null },
      { account: "broken", status: "rejected" },
    ]);
  });
});

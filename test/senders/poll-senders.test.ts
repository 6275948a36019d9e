import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { ulid } from "../../src/lib/id.ts";
import { MINUTE } from "../../src/lib/time.ts";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { fileSender } from "../../src/senders/file-sender.ts";
import { followSender, pollSenders } from "../../src/senders/poll-senders.ts";
import { createSender, pageSenders, saveFilings } from "../../src/senders/store.ts";

const db = openDatabase(env.DB);
const NOW = Date.UTC(2026, 10, 20);

/** A vendor's desk: answers each action with a body, or stays silent where there is none. */
function desk(answers: Record<string, object | null> = {}) {
  const asked: string[] = [];
  const account = {
    id: `acc_${++made}`,
    provider: aliyun as Provider,
    credentials: { access_key_id: "id", access_key_secret: "secret" },
    endpoint: "https://vendor.test/",
    relay: null,
    enabled: true,
  };
  return {
    asked,
    answers,
    deps: {
      db,
      stamp: () => ({ now: new Date(NOW), nonce: "0".repeat(64) }),
      accounts: [account],
      async fetch(url: string, init: RequestInit) {
        const action = new Headers(init.headers).get("x-acs-action") ?? "";
        asked.push(`${action} ${new URL(url).searchParams.get("SignName")}`);
        const answer = answers[action];
        if (!answer) throw new Error("connection reset");
        return Response.json(answer);
      },
    },
  };
}

let made = 0;
async function aSender(vendor: ReturnType<typeof desk>) {
  const id = `snd_${ulid(NOW + ++made, new Uint8Array(10))}`;
  const name = `Shop${made}`;
  const filings = await fileSender(vendor.deps, vendor.deps.accounts, name);
  await createSender(db, { id, storefront: "sto_1", name }, filings, NOW);
  const read = async () => (await pageSenders(db, { id }, 1))[0]?.filings[0];
  return { id, name, read };
}

const filed = { Code: "OK", SignName: "Shop" };
const reviewed = (SignStatus: number, more: object = {}) => ({
  Code: "OK",
  SignName: "Shop",
  SignStatus,
  ...more,
});
const registers = (...statuses: number[]) => ({
  SignIspRegisterDetailList: statuses.map((RegisterStatus, index) => ({
    OperatorCode: ["mobile", "unicom", "telecom"][index],
    RegisterStatus,
  })),
});

describe("a sender that was filed", () => {
  it("is asked for until it is approved, and then until every carrier knows it", async () => {
    const vendor = desk({ CreateSmsSign: filed, GetSmsSign: reviewed(0) });
    const sender = await aSender(vendor);
    await pollSenders(vendor.deps, NOW);
    expect(await sender.read()).toMatchObject({ status: "submitted", carrierState: null });
    vendor.answers.GetSmsSign = reviewed(1, registers(3, -1, -1));
    await pollSenders(vendor.deps, NOW);
    expect(await sender.read()).toMatchObject({
      status: "approved",
      carrierState: "mobile registered, unicom in progress, telecom in progress",
    });
    vendor.answers.GetSmsSign = reviewed(1, registers(3, 3, 3));
    await pollSenders(vendor.deps, NOW);
    expect(await sender.read()).toMatchObject({ carrierState: "registered" });
    const looks = vendor.asked.length;
    await pollSenders(vendor.deps, NOW);
    expect(vendor.asked).toHaveLength(looks);
  });

  it("shows the reviewer's words when it is refused, and is not asked for again", async () => {
    const AuditInfo = { RejectInfo: "签名不规范" };
    const vendor = desk({ CreateSmsSign: filed, GetSmsSign: reviewed(2, { AuditInfo }) });
    const sender = await aSender(vendor);
    await pollSenders(vendor.deps, NOW);
    await pollSenders(vendor.deps, NOW);
    expect(await sender.read()).toMatchObject({ status: "rejected", detail: "签名不规范" });
    expect(vendor.asked).toHaveLength(2);
  });

  it("stays as it is while the vendor says nothing, and while its account is disabled", async () => {
    const vendor = desk({ CreateSmsSign: filed });
    const sender = await aSender(vendor);
    const before = await sender.read();
    await pollSenders(vendor.deps, NOW);
    expect(await sender.read()).toEqual(before);
    vendor.answers.GetSmsSign = reviewed(1);
    const accounts = vendor.deps.accounts.map((one) => ({ ...one, enabled: false }));
    await pollSenders({ ...vendor.deps, accounts }, NOW);
    expect(await sender.read()).toEqual(before);
    expect(vendor.asked).toHaveLength(2);
  });
});

describe("a look at a sender", () => {
  it("does not undo what became of it in the meantime", async () => {
    const vendor = desk({ CreateSmsSign: filed, GetSmsSign: reviewed(2) });
    const sender = await aSender(vendor);
    const fetch: typeof vendor.deps.fetch = async (url, init) => {
      const before = await sender.read();
      if (before) await saveFilings(db, sender.id, [{ ...before, status: "approved" }]);
      return vendor.deps.fetch(url, init);
    };
    await pollSenders({ ...vendor.deps, fetch }, NOW);
    expect(vendor.asked).toHaveLength(2);
    expect(await sender.read()).toMatchObject({ status: "approved" });
  });
});

describe("a sender that the vendor did not answer for", () => {
  it("is filed again", async () => {
    const vendor = desk();
    const sender = await aSender(vendor);
    expect(await sender.read()).toMatchObject({ status: "submitted", providerSenderId: null });
    vendor.answers.CreateSmsSign = filed;
    await pollSenders(vendor.deps, NOW);
    expect(await sender.read()).toMatchObject({ providerSenderId: "Shop", detail: null });
  });

  it("is taken for filed where the vendor has it after all", async () => {
    const vendor = desk();
    const sender = await aSender(vendor);
    vendor.answers.CreateSmsSign = { Code: "isv.SIGN_NAME_ILLEGAL", Message: "taken" };
    vendor.answers.GetSmsSign = reviewed(1, registers(3, 3, 3));
    await pollSenders(vendor.deps, NOW);
    expect(await sender.read()).toMatchObject({ status: "approved", carrierState: "registered" });
  });
});

describe("many senders", () => {
  it("take turns, twenty a minute", async () => {
    const vendor = desk({ CreateSmsSign: filed, GetSmsSign: reviewed(0) });
    const names = [];
    for (let count = 0; count < 25; count++) names.push((await aSender(vendor)).name);
    vendor.asked.length = 0;
    await pollSenders(vendor.deps, NOW);
    expect(vendor.asked).toHaveLength(20);
    await pollSenders(vendor.deps, NOW + MINUTE);
    expect(new Set(vendor.asked)).toEqual(new Set(names.map((name) => `GetSmsSign ${name}`)));
  });
});

describe("the looks that follow a filing", () => {
  it("end with the review, and are few where it takes its time", async () => {
    const vendor = desk({ CreateSmsSign: filed, GetSmsSign: reviewed(0) });
    const sender = await aSender(vendor);
    const waits: number[] = [];
    const wait = async (ms: number) => void waits.push(ms);
    await followSender({ ...vendor.deps, wait }, sender.id);
    expect(waits).toHaveLength(5);
    vendor.answers.GetSmsSign = reviewed(1);
    await followSender({ ...vendor.deps, wait }, sender.id);
    expect(waits).toHaveLength(6);
    expect(await sender.read()).toMatchObject({ status: "approved" });
  });
});

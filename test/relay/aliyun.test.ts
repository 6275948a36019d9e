import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Submission } from "../../src/providers/provider.ts";
import { type Fetch, type SubmitDeps, submit, submitBatch } from "../../src/providers/submit.ts";
import { fileSender } from "../../src/senders/file-sender.ts";
import { fileText } from "../../src/templates/file-template.ts";
import { newNumber, type Stage, setStage } from "../simulator/stage.ts";
import { access, type RelayProcess, SECRET, startRelay, startVendor } from "./support.ts";

const LIMITS = { timeoutMs: 5_000 };

let stage: Stage;
let relay: RelayProcess;

beforeAll(async () => {
  stage = await setStage();
  relay = await startRelay({ RELAY_ALLOW: stage.client.url });
});
afterAll(async () => {
  await relay.stop();
  await stage.close();
});

const account = (change: object = {}) => ({
  id: "acc_1",
  enabled: true,
  provider: aliyun,
  credentials: { access_key_id: "sim-id", access_key_secret: "sim-secret" },
  endpoint: `${stage.client.url}/aliyun`,
  relay: relay.origin,
  ...change,
});

const deps = (change: Partial<SubmitDeps> = {}): SubmitDeps => ({
  fetch,
  relays: access(),
  stamp: access().stamp,
  ...change,
});

const aText = (to: string): Submission => ({
  messageId: "msg-1",
  to,
  region: "domestic",
  sender: "鸿雁商城",
  text: "",
  templateId: stage.filed.aliyun.notice,
  parameters: [
    { name: "name", value: "张 三 & *" },
    { name: "order", value: "A1" },
  ],
  category: "notification",
  callbackUrl: null,
  validForSeconds: null,
});

/** The hosts of all that our side calls. */
function watched(): { hosts: string[]; fetch: Fetch } {
  const hosts: string[] = [];
  return {
    hosts,
    fetch: (url, init) => {
      hosts.push(new URL(url).origin);
      return fetch(url, init);
    },
  };
}

describe("an account behind a relay", () => {
  it("sends a text whose signature the vendor finds good", async () => {
    const to = newNumber();
    const watch = watched();
    const outcome = await submit(deps({ fetch: watch.fetch }), account(), aText(to), LIMITS);
    expect(outcome).toMatchObject({ kind: "accepted", code: "OK" });
    const [text] = await stage.client.texts(to);
    expect(text.text).toBe("【鸿雁商城】张 三 & *，您的订单A1已发货。");
    expect(watch.hosts).toEqual([relay.origin]);
  });

  it("sends many texts in a form, and hears the vendor's refusal of a bad key", async () => {
    const texts = [newNumber(), newNumber()].map(aText);
    const sent = await submitBatch(deps(), account(), texts, LIMITS);
    expect(sent).toMatchObject([{ kind: "accepted" }, { kind: "accepted" }]);
    const credentials = { access_key_id: "sim-id", access_key_secret: "another-secret" };
    const refused = await submit(deps(), account({ credentials }), aText(newNumber()), LIMITS);
    expect(refused).toMatchObject({ kind: "rejected", code: "SignatureDoesNotMatch" });
  });

  it("files templates and names by the same way", async () => {
    const watch = watched();
    const filing = { ...deps(), fetch: watch.fetch };
    const names = await fileSender(filing, [account()], "鸿雁小店");
    expect(names).toMatchObject([{ status: "submitted", detail: null }]);
    const binding = await fileText(filing, account(), "domestic", {
      name: "notice",
      locale: "zh",
      category: "notification",
      body: "您的订单{{order}}已发货。",
      sender: "鸿雁商城",
    });
    expect(binding).toMatchObject({ status: "submitted", detail: null });
    expect(binding.providerTemplateId).toMatch(/^SMS_/);
    expect(watch.hosts).toEqual([relay.origin, relay.origin]);
  });
});

describe("a relay that refuses", () => {
  const rejected = (code: string) => ({
    kind: "rejected",
    next: "failover",
    reason: "account-config",
    alert: true,
    code,
  });

  it("makes a definite no of our missing or other secret, and alerts", async () => {
    const to = newNumber();
    const without = await submit(deps({ relays: null }), account(), aText(to), LIMITS);
    expect(without).toMatchObject(rejected("relay-not-configured"));
    const relays = access(SECRET.toUpperCase());
    const other = await submitBatch(deps({ relays }), account(), [to, to].map(aText), LIMITS);
    expect(other).toMatchObject(Array(2).fill(rejected("relay-bad-signature")));
    expect(await stage.client.texts(to)).toEqual([]);
  });

  it("makes a definite no of a host that it does not know", async () => {
    const endpoint = "https://dysmsapi.example.com/";
    const outcome = await submit(deps(), account({ endpoint }), aText(newNumber()), LIMITS);
    expect(outcome).toMatchObject(rejected("relay-target-not-allowed"));
  });

  it("says that nothing was sent where a template or a name was to be filed", async () => {
    const filing = deps({ relays: null });
    const [name] = await fileSender(filing, [account()], "鸿雁小店");
    expect(name).toMatchObject({ status: "rejected" });
    expect(name?.detail).toContain("relay-not-configured");
    const binding = await fileText(filing, account(), "domestic", {
      name: "notice",
      locale: "zh",
      category: "notification",
      body: "您的订单{{order}}已发货。",
      sender: "鸿雁商城",
    });
    expect(binding.status).toBe("submitted");
    expect(binding.detail).toContain("relay-not-configured");
  });
});

describe("a relay that does not answer as one", () => {
  const NOBODY = "http://127.0.0.1:9";

  it("leaves the text's outcome open when it can't be reached", async () => {
    const outcome = await submit(deps(), account({ relay: NOBODY }), aText(newNumber()), LIMITS);
    expect(outcome).toEqual({ kind: "unknown", cause: "no-answer" });
  });

  it("leaves it open when the answer is of neither relay nor vendor", async () => {
    const proxy = await startVendor((_, response) => {
      response.writeHead(502).end('{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}');
    });
    const account502 = account({ relay: proxy.origin });
    const outcome = await submit(deps(), account502, aText(newNumber()), LIMITS);
    proxy.close();
    expect(outcome).toEqual({ kind: "unknown", cause: "no-answer" });
  });

  it("moves a text on, without blaming the account's set-up, when the vendor is down", async () => {
    const gone = await startVendor(() => {});
    gone.close();
    const other = await startRelay({ RELAY_ALLOW: gone.origin });
    const change = { endpoint: gone.origin, relay: other.origin };
    const outcome = await submit(deps(), account(change), aText(newNumber()), LIMITS);
    await other.stop();
    expect(outcome).toMatchObject({
      kind: "rejected",
      next: "failover",
      reason: "provider-fault",
      code: "relay-vendor-unreachable",
    });
  });
});

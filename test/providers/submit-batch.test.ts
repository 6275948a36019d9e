import { describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Outcome, Provider, Submission } from "../../src/providers/provider.ts";
import { askProvider, blamesOneText, type Fetch, submitBatch } from "../../src/providers/submit.ts";
import { tencent } from "../../src/providers/tencent.ts";
import { samples } from "./samples.ts";
import { aSentText, aSubmission, STAMP, someSubmissions } from "./support.ts";

const ACCEPTED = samples.aliyun.accepted.body;
const refused = (words: string) => samples.aliyun.refused?.(words).body ?? "";

const answering =
  (body: BodyInit | null, init?: ResponseInit): Fetch =>
  async () =>
    new Response(body, init);

describe("a batch", () => {
  const account = {
    provider: aliyun as Provider,
    credentials: samples.aliyun.credentials,
    endpoint: "http://127.0.0.1:8788/aliyun",
    relay: null,
  };
  const send = async (
    submissions: readonly Submission[],
    fetch: Fetch = answering(ACCEPTED),
    changes: Partial<typeof account> = {},
  ) => {
    const urls: string[] = [];
    const outcomes = await submitBatch(
      {
        fetch: (url, init) => {
          urls.push(url);
          return fetch(url, init);
        },
        stamp: () => STAMP,
      },
      { ...account, ...changes },
      submissions,
      { timeoutMs: 200 },
    );
    return { outcomes, urls };
  };
  const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind);

  it("is one call, with an outcome for every text", async () => {
    const { outcomes, urls } = await send(someSubmissions(100));
    expect(urls).toHaveLength(1);
    expect(outcomes).toHaveLength(100);
    expect(new Set(kinds(outcomes))).toEqual(new Set(["accepted"]));
  });

  it("of one text is sent as that text, with our id", async () => {
    const { outcomes, urls } = await send([aSubmission()]);
    expect(kinds(outcomes)).toEqual(["accepted"]);
    expect(urls[0]).toContain("OutId=msg-0001");
  });

  it.each([
    ["is empty", [], account.provider],
    ["is larger than the vendor takes", someSubmissions(101), account.provider],
    [
      "holds a text that may not share the call",
      [...someSubmissions(2), aSubmission({ templateId: "SMS_2" })],
      account.provider,
    ],
    ["goes to a vendor without batches", someSubmissions(2), { ...aliyun, batch: null }],
    [
      "can't be written",
      someSubmissions(2),
      {
        ...aliyun,
        batch: {
          ...aliyun.batch,
          send: () => {
            throw new Error("a bug");
          },
        },
      },
    ],
  ] as [string, Submission[], Provider][])(
    "calls nobody when it %s",
    async (_, texts, provider) => {
      const { outcomes, urls } = await send(texts, answering(ACCEPTED), { provider });
      expect(urls).toEqual([]);
      expect(outcomes).toHaveLength(texts.length);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ kind: "rejected", next: "failover", alert: true });
      }
    },
  );

  it("calls nobody by an account that can't be used", async () => {
    const { outcomes, urls } = await send(someSubmissions(2), undefined, { credentials: {} });
    expect(urls).toEqual([]);
    expect(outcomes).toMatchObject([{ code: "unusable-account" }, { code: "unusable-account" }]);
  });

  it.each([
    ["there is no answer", () => Promise.reject(new Error("reset")), "no-answer"],
    ["the answer is late", () => new Promise<Response>(() => {}), "timeout"],
    ["the answer breaks off", answering(ACCEPTED.slice(0, 20)), "unreadable-answer"],
    ["the vendor is out of order", answering(ACCEPTED, { status: 502 }), "http-502"],
  ] as [string, Fetch, string][])("is unknown as a whole when %s", async (_, fetch, cause) => {
    const unknown = { kind: "unknown", cause };
    expect((await send(someSubmissions(2), fetch)).outcomes).toEqual([unknown, unknown]);
  });

  it.each([
    ["throws", () => [undefined].map(() => JSON.parse("{"))],
    ["forgets a text", () => [{ kind: "unknown", cause: "x" } as const]],
  ])("is unknown as a whole when its reader %s", async (_, readSend) => {
    const provider: Provider = { ...aliyun, batch: { ...aliyun.batch, readSend } };
    const { outcomes } = await send(someSubmissions(2), undefined, { provider });
    expect(kinds(outcomes)).toEqual(["unknown", "unknown"]);
  });

  it("lets out no text's variables in another one's words", async () => {
    const submissions = someSubmissions(2).map((one, index) => ({
      ...one,
      parameters: [{ name: "name", value: ["Li Si", "Wang Wu"][index] ?? "" }],
    }));
    const { outcomes } = await send(submissions, answering(refused("bad: Wang Wu, Li Si")));
    expect(outcomes).toMatchObject([{ detail: "bad: …, …" }, { detail: "bad: …, …" }]);
  });

  it("may be refused for one of its texts where all share one fate", async () => {
    const told = (Code: string) =>
      send(someSubmissions(2), answering(JSON.stringify({ Code, Message: "no" })));
    const blames = async (Code: string) => blamesOneText(aliyun, (await told(Code)).outcomes);
    expect(await blames("isv.MOBILE_NUMBER_ILLEGAL")).toBe(true);
    expect(await blames("isv.BUSINESS_LIMIT_CONTROL")).toBe(true);
    expect(await blames("isv.AMOUNT_NOT_ENOUGH")).toBe(false);
    expect(await blames("Throttling.User")).toBe(false);
    const { outcomes } = await told("isv.MOBILE_NUMBER_ILLEGAL");
    expect(blamesOneText(aliyun, outcomes.slice(0, 1))).toBe(false);
    expect(blamesOneText(tencent, outcomes)).toBe(false);
  });
});

describe("asking a provider", () => {
  const sent = aSentText();
  const { query } = samples.aliyun;
  const FOUND = query?.found(sent).body ?? "";
  const ask = (fetch: Fetch, changes: { provider?: Provider; credentials?: unknown } = {}) =>
    askProvider(
      { fetch, stamp: () => STAMP },
      {
        provider: aliyun,
        credentials: samples.aliyun.credentials,
        endpoint: "http://127.0.0.1:8788/aliyun",
        relay: null,
        ...changes,
      },
      sent,
      { timeoutMs: 50 },
    );

  it("tells what it says", async () => {
    expect(await ask(answering(FOUND))).toMatchObject({ kind: "found", status: "delivered" });
    expect(await ask(answering(query?.absent?.body ?? ""))).toEqual({ kind: "absent" });
  });

  const failing: Provider = {
    ...aliyun,
    query: {
      ...aliyun.query,
      readAnswer: () => {
        throw new Error("a bug");
      },
    },
  };

  it.each([
    ["there is no answer", () => Promise.reject(new Error("reset")), {}],
    ["the answer is late", () => new Promise<Response>(() => {}), {}],
    ["the answer breaks off", answering(FOUND.slice(0, 30)), {}],
    ["the vendor is out of order", answering(FOUND, { status: 500 }), {}],
    ["it can't be asked", answering(FOUND), { provider: { ...aliyun, query: null } }],
    ["the account can't be used", answering(FOUND), { credentials: null }],
    ["the reading fails", answering(FOUND), { provider: failing }],
  ] as [string, Fetch, object][])("leaves it open when %s", async (_, fetch, changes) => {
    expect(await ask(fetch, changes)).toEqual({ kind: "unclear" });
  });
});

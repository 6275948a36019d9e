import { expect, it } from "vitest";
import { withoutNumbers } from "../../src/providers/codes.ts";
import type { Outcome, Provider, WireRequest } from "../../src/providers/provider.ts";
import { submit } from "../../src/providers/submit.ts";
import { keepsTheBatchContract } from "./contract-batch.ts";
import { keepsThePushContract } from "./contract-pushes.ts";
import { keepsTheQueryContract } from "./contract-query.ts";
import { beginnings, bentBodies } from "./mutations.ts";
import type { ProviderSamples } from "./samples.ts";
import {
  answer,
  aSentText,
  aSubmission,
  ENDPOINT,
  FILING,
  STAMP,
  someSubmissions,
} from "./support.ts";

const KINDS = ["accepted", "rejected", "throttled", "unknown"];
const WORDLESS = [
  "",
  "<!doctype html><title>502 Bad Gateway</title>",
  "<?xml?><Code>OK</Code>",
  "OK",
];

const SENDER = { name: "鸿雁商城", id: null, region: "domestic" } as const;

/** Every request that a description can make. */
function requestsOf(provider: Provider, { credentials }: ProviderSamples): WireRequest[] {
  const template = { providerTemplateId: "1110", region: "domestic" } as const;
  return [
    provider.send(credentials, ENDPOINT, aSubmission(), STAMP),
    provider.batch?.send(credentials, ENDPOINT, someSubmissions(3), STAMP),
    provider.query?.ask(credentials, ENDPOINT, aSentText(), STAMP),
    provider.templates?.file(credentials, ENDPOINT, FILING, STAMP),
    provider.templates?.review(credentials, ENDPOINT, template, STAMP),
    provider.senders?.file(credentials, ENDPOINT, SENDER, STAMP),
    provider.senders?.review(credentials, ENDPOINT, SENDER, STAMP),
  ].filter((request) => request !== undefined);
}

/** A part of a request with whatever its escapes and its Base64 say. */
function spelledOut(part: string): string {
  const decoded = part.replace(/\+/g, " ").replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    return Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8");
  });
  const unpacked = part.match(/[\w+/=-]{12,}/g)?.map((each) => Buffer.from(each, "base64"));
  return [part, decoded, ...(unpacked ?? []).map(String)].join("\n");
}

/** The first letters of each part of a secret that survives the taking out of numbers. */
const tracesOf = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => withoutNumbers(value).split(/[^A-Za-z\d]+/))
    .filter((part) => part.length > 4)
    .map((part) => part.slice(0, 5));

/** What holds for every provider: call it inside a `describe`. */
export function keepsTheContract(provider: Provider, samples: ProviderSamples): void {
  const { credentials, secrets, accepted, refusal } = samples;
  const send = (body: string, status = accepted.status): Outcome =>
    provider.readSend(answer(body, { status }));

  it("introduces itself in English and Chinese, with a page and an endpoint to trust", () => {
    expect(provider.title.en).toMatch(/\w/);
    expect(provider.title.zh).toMatch(/\S/);
    expect(provider.docs).toMatch(/^https:\/\//);
    expect(provider.endpoint).toMatch(/^https:\/\/[^/]+$/);
  });

  it("says what it reaches, how fast, how long a text may be, and what it knows of prices", () => {
    expect(provider.regions.length).toBeGreaterThan(0);
    expect(new Set(provider.regions).size).toBe(provider.regions.length);
    expect(provider.requestsPerSecond).toBeGreaterThan(0);
    expect(provider.longestText).toBeGreaterThanOrEqual(70);
    for (const [country, { amount, currency }] of Object.entries(provider.prices)) {
      expect(`${country} ${amount} ${currency}`).toMatch(/^[A-Z]{2} \d+\.\d+ [A-Z]{3}$/);
    }
  });

  it("has samples of what it can do, and of nothing else", () => {
    for (const part of ["batch", "query", "receipts", "replies"] as const) {
      expect([part, samples[part] === null]).toEqual([part, provider[part] === null]);
    }
  });

  it.each(Object.keys(credentials))("refuses credentials whose %s is unusable", (field) => {
    for (const bad of ["", " \t", "two words", "line\nfeed", "密钥", "x".repeat(300), 7, null]) {
      expect(provider.credentials.safeParse({ ...credentials, [field]: bad }).success).toBe(false);
    }
    const { [field]: _, ...without } = credentials;
    expect(provider.credentials.safeParse(without).success).toBe(false);
  });

  it("refuses credentials with a field it does not know, and trims those it does", () => {
    expect(provider.credentials.safeParse({ ...credentials, token: "x" }).success).toBe(false);
    const padded = Object.entries(credentials).map(([name, text]) => [name, ` ${text}\n`]);
    expect(provider.credentials.parse(Object.fromEntries(padded))).toEqual(credentials);
  });

  it("makes the same request of the same stamp, and of another one only if it is stamped", () => {
    const at = (stamp = STAMP) => provider.send(credentials, ENDPOINT, aSubmission(), stamp);
    expect(at()).toEqual(at());
    const later = at({ now: new Date(STAMP.now.getTime() + 1_000), nonce: "f".repeat(64) });
    if (samples.isStamped) expect(later).not.toEqual(at());
    else expect(later).toEqual(at());
  });

  it("calls below its endpoint only", () => {
    for (const { url } of requestsOf(provider, samples)) {
      expect(url.startsWith(`${ENDPOINT}/`)).toBe(true);
    }
  });

  it("puts no secret on the wire but where the vendor's own protocol demands it", () => {
    expect(secrets.length).toBeGreaterThan(0);
    for (const request of requestsOf(provider, samples)) {
      const { url, headers, body } = request;
      const parts = { url, headers: Object.values(headers).join("\n"), body };
      const held = Object.entries(parts).filter(([, part]) =>
        secrets.some((field) => spelledOut(part).includes(credentials[field] ?? "")),
      );
      expect(held.map(([name]) => name)).toEqual(
        samples.secretsTravelIn ? [samples.secretsTravelIn] : [],
      );
    }
  });

  it("takes a good answer for accepted, with the vendor's id where it gives one", () => {
    expect(send(accepted.body)).toMatchObject({
      kind: "accepted",
      providerMessageId: samples.acceptedId,
    });
  });

  it("finds every answer that breaks off unknown", () => {
    for (const body of beginnings(accepted.body)) expect(send(body).kind).toBe("unknown");
  });

  it.each(WORDLESS)("finds %j unknown, whatever its status", (body) => {
    for (const status of [200, 201, 204, 400, 403, 429, 500, 503]) {
      expect(send(body, status).kind).toBe("unknown");
    }
  });

  it.each(samples.unreadable.map((body) => [body]))("finds %s unknown", (body) => {
    expect(send(body).kind).toBe("unknown");
  });

  it.each([500, 502, 503, 504])("finds a %i unknown, whatever its body says", (status) => {
    const unknown = { kind: "unknown", cause: `http-${status}` };
    expect(send(accepted.body, status)).toEqual(unknown);
    expect(send(refusal.body, status)).toEqual(unknown);
  });

  it("takes a code for definite at status 400, but never a success", () => {
    expect(provider.readSend(refusal)).toMatchObject({ kind: "rejected", next: "failover" });
    expect(send(refusal.body, 400)).toMatchObject({ kind: "rejected", next: "failover" });
    expect(send(accepted.body, 400)).toEqual({ kind: "unknown", cause: "http-400" });
  });

  it("ends in an outcome however an answer is bent", () => {
    for (const body of [...bentBodies(accepted.body), ...bentBodies(refusal.body)]) {
      const bent = answer(body, { status: accepted.status });
      expect(KINDS).toContain(provider.readSend(bent).kind);
      expect(() => provider.templates?.readFiled(bent)).not.toThrow();
      expect(() => provider.templates?.readReview(bent)).not.toThrow();
      expect(() => provider.senders?.readFiled(bent)).not.toThrow();
      expect(() => provider.senders?.readReview(bent, SENDER)).not.toThrow();
    }
  });

  const { refused } = samples;
  if (refused) {
    it("lets no secret, code or number out in the vendor's words", async () => {
      const submission = aSubmission({ parameters: [{ name: "code", value: "K7QX9M" }] });
      const traces = [...tracesOf(Object.values(credentials)), "K7Q"];
      const echoes = [
        ...Object.values(credentials),
        ...["+8613800138000", "138-0013-8000", "１３８００１３８０００", "K7QX9M", "246810"],
      ];
      for (const echo of echoes.flatMap((each) => [each, encodeURIComponent(each)])) {
        for (const filler of [0, 160, 164, 168, 170, 172, 174, 178, 400]) {
          const words = `${"文 ".repeat(filler / 2)}to sign=${echo}&x`;
          const { body, status } = refused(words);
          const outcome = await submit(
            { fetch: async () => new Response(body, { status }), stamp: () => STAMP },
            { provider, credentials, endpoint: ENDPOINT, relay: null },
            submission,
            { timeoutMs: 1_000 },
          );
          const said = outcome.kind === "rejected" ? outcome.detail : "";
          expect(outcome.kind).toBe("rejected");
          expect(said.length).toBeLessThanOrEqual(200);
          expect(said).not.toMatch(/\p{Nd}{4}/u);
          expect(traces.filter((trace) => said.includes(trace))).toEqual([]);
        }
      }
    });

    it("keeps the vendor's words of a refusal", () => {
      expect(provider.readSend(refused("see the rules"))).toMatchObject({
        detail: "see the rules",
      });
    });
  }

  it("reads no template, sender or review out of an answer that has none", () => {
    for (const body of ["", "<html>", "{}", "null", accepted.body]) {
      expect(provider.templates?.readFiled(answer(body))?.ok ?? false).toBe(false);
      expect(provider.senders?.readFiled(answer(body))?.ok ?? false).toBe(false);
      expect(provider.templates?.readReview(answer(body)) ?? "unknown").toBe("unknown");
      const review = provider.senders?.readReview(answer(body), SENDER);
      expect(review?.outcome ?? "unknown").toBe("unknown");
    }
  });

  if (provider.batch && samples.batch) {
    keepsTheBatchContract(provider.batch, samples.batch, credentials);
  }
  if (provider.query && samples.query) keepsTheQueryContract(provider.query, samples.query);
  if (provider.receipts && samples.receipts) {
    const { receipts } = provider;
    keepsThePushContract("receipts", receipts, samples.receipts, credentials, (push) => {
      const { receipts: elements, unreadable } = receipts.read(push);
      return { elements, unreadable };
    });
  }
  if (provider.replies && samples.replies) {
    const { replies } = provider;
    keepsThePushContract("replies", replies, samples.replies, credentials, (push) => {
      const { replies: elements, unreadable } = replies.read(push);
      return { elements, unreadable };
    });
  }
}

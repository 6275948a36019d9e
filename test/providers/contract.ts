import { expect, it } from "vitest";
import type { Outcome, Provider, TemplateFiling } from "../../src/providers/provider.ts";
import { submit } from "../../src/providers/submit.ts";
import type { ProviderSamples } from "./samples.ts";
import { answer, aPush, aSubmission, STAMP } from "./support.ts";

const ENDPOINT = "http://127.0.0.1:8788/vendor";

const FILING: TemplateFiling = {
  name: "otp-login",
  body: "{{code}}",
  category: "otp",
  region: "domestic",
  sender: "鸿雁商城",
  variables: ["code"],
};

/** Every value with one of its parts, however deep, put in place of another kind of value. */
function* mutations(value: unknown): Generator<unknown> {
  yield* [null, true, -1, "", "x".repeat(500), [], {}];
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    for (const changed of mutations(part)) {
      yield Array.isArray(value)
        ? value.map((each, index) => (String(index) === key ? changed : each))
        : { ...value, [key]: changed };
    }
  }
}

/** What holds for every provider: call it inside a `describe`. */
export function keepsTheContract(provider: Provider, samples: ProviderSamples): void {
  const { credentials } = samples;
  const send = (body: unknown, status = 200): Outcome =>
    provider.readSend(answer(body, { status }));

  it("introduces itself in English and Chinese, with a page and an endpoint to trust", () => {
    expect(provider.title.en).toMatch(/\w/);
    expect(provider.title.zh).toMatch(/\p{Script=Han}/u);
    expect(provider.docs).toMatch(/^https:\/\//);
    expect(provider.endpoint).toMatch(/^https:\/\/[^/]+$/);
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

  it("makes the same request of the same stamp, and another signature of another", () => {
    const at = (stamp = STAMP) => provider.send(credentials, ENDPOINT, aSubmission(), stamp);
    expect(at()).toEqual(at());
    const later = { now: new Date(STAMP.now.getTime() + 1_000), nonce: "f".repeat(64) };
    expect(at(later).headers.authorization).not.toBe(at().headers.authorization);
  });

  it("calls below its endpoint only, and never puts a secret on the wire", () => {
    const template = { providerTemplateId: "1110", region: "domestic" } as const;
    const requests = [
      provider.send(credentials, ENDPOINT, aSubmission(), STAMP),
      provider.templates?.file(credentials, ENDPOINT, FILING, STAMP),
      provider.templates?.review(credentials, ENDPOINT, template, STAMP),
      provider.senders?.file(
        credentials,
        ENDPOINT,
        { name: "鸿雁商城", region: "domestic" },
        STAMP,
      ),
    ];
    for (const request of requests) {
      expect(request?.url.startsWith(`${ENDPOINT}/`)).toBe(true);
      expect(decodeURIComponent(JSON.stringify(request))).not.toContain("Quite/Secret");
    }
  });

  it("takes a good answer for accepted, with the vendor's id", () => {
    const outcome = send(samples.accepted);
    expect(outcome.kind).toBe("accepted");
    expect(JSON.stringify(samples.accepted)).toContain(
      outcome.kind === "accepted" ? outcome.providerMessageId : "no id",
    );
  });

  it("finds every answer that breaks off unknown", () => {
    const whole = JSON.stringify(samples.accepted);
    for (let length = 0; length < whole.length; length++) {
      expect(send(whole.slice(0, length)).kind).toBe("unknown");
    }
  });

  it.each([
    ["an empty answer", ""],
    ["a page", "<!doctype html><title>502 Bad Gateway</title>"],
    ["XML", "<?xml version='1.0'?><Error><Code>OK</Code></Error>"],
    ["a word", "OK"],
  ])("finds %s unknown, whatever its status", (_, body) => {
    for (const status of [200, 204, 400, 403, 429, 500, 503]) {
      expect(send(body, status).kind).toBe("unknown");
    }
  });

  it.each(samples.unreadable.map((body) => [JSON.stringify(body)]))("finds %s unknown", (body) => {
    expect(send(body).kind).toBe("unknown");
  });

  it.each([500, 502, 503, 504])("finds a %i unknown, whatever its body says", (status) => {
    expect(send(samples.accepted, status)).toEqual({ kind: "unknown", cause: `http-${status}` });
    expect(send(samples.refused("no"), status)).toEqual({
      kind: "unknown",
      cause: `http-${status}`,
    });
  });

  it("takes a code for definite at status 400, but never a success", () => {
    expect(send(samples.refused("no"), 400)).toMatchObject({ kind: "rejected", detail: "no" });
    expect(send(samples.accepted, 400)).toEqual({ kind: "unknown", cause: "http-400" });
  });

  it("ends in an outcome however an answer is bent", () => {
    for (const whole of [samples.accepted, samples.refused("no")]) {
      for (const bent of mutations(whole)) {
        expect(["accepted", "rejected", "throttled", "unknown"]).toContain(send(bent).kind);
        expect(() => provider.templates?.readFiled(answer(bent))).not.toThrow();
        expect(() => provider.templates?.readReview(answer(bent))).not.toThrow();
        expect(() => provider.senders?.readFiled(answer(bent))).not.toThrow();
      }
    }
  });

  it("lets no secret, code or number out in the vendor's words, which it cuts at 200", async () => {
    const submission = aSubmission({ parameters: [{ name: "code", value: "K7QX9M" }] });
    const echoes = [
      ...Object.values(credentials),
      ...["+8613800138000", "138-0013-8000", "１３８００１３８０００", "K7QX9M", "246810"],
    ];
    for (const echo of echoes.flatMap((each) => [each, encodeURIComponent(each)])) {
      for (const filler of [0, 160, 164, 168, 170, 172, 174, 178, 400]) {
        const words = `${"文 ".repeat(filler / 2)}server string to sign=${echo}&x`;
        const fetch = async () => new Response(JSON.stringify(samples.refused(words)));
        const outcome = await submit(
          { fetch, stamp: () => STAMP },
          { provider, credentials, endpoint: ENDPOINT },
          submission,
          { timeoutMs: 1_000 },
        );
        const said = outcome.kind === "rejected" ? outcome.detail : "";
        expect(outcome.kind).toBe("rejected");
        expect(said.length).toBeLessThanOrEqual(200);
        expect(said).not.toMatch(/\p{Nd}{4}/u);
        expect(said).not.toMatch(/EXAMPLE|Quite|K7Q/);
      }
    }
  });

  it("reads every receipt of a batch but the broken ones", () => {
    const good = samples.receipt;
    const batch = samples.brokenReceipts.flatMap((broken) => [good, broken]);
    const read = provider.receipts?.read(aPush(JSON.stringify([...batch, good])));
    expect(read?.unreadable).toBe(samples.brokenReceipts.length);
    expect(read?.receipts).toHaveLength(samples.brokenReceipts.length + 1);
    for (const receipt of read?.receipts ?? []) {
      expect(receipt).toMatchObject({ to: samples.receiptTo, status: "delivered" });
    }
  });

  it("finds one unreadable element in a push that is no batch, and none in an empty one", () => {
    for (const body of ["", "[", "<html>", "null", "7", JSON.stringify(samples.receipt)]) {
      expect(provider.receipts?.read(aPush(body))).toEqual({ receipts: [], unreadable: 1 });
    }
    expect(provider.receipts?.read(aPush("[]"))).toEqual({ receipts: [], unreadable: 0 });
  });

  it("acknowledges in the vendor's own words", () => {
    expect(provider.receipts?.acknowledgement).toEqual({
      contentType: "application/json",
      body: samples.acknowledgement,
    });
  });

  it("reads no template, sender or review out of an answer that has none", () => {
    for (const body of ["", "<html>", "{}", "null", samples.accepted]) {
      expect(provider.templates?.readFiled(answer(body))?.ok).toBe(false);
      expect(provider.senders?.readFiled(answer(body))?.ok).toBe(false);
      expect(provider.templates?.readReview(answer(body))).toBe("unknown");
    }
  });
}

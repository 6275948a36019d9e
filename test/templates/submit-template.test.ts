import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { ulid } from "../../src/lib/id.ts";
import { MINUTE, SECOND } from "../../src/lib/time.ts";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { listUnsettled } from "../../src/templates/bindings/store.ts";
import { createTemplate, editTemplate } from "../../src/templates/edit-template.ts";
import { NO_FRAME } from "../../src/templates/frame.ts";
import {
  findTemplate,
  listTemplates,
  moveTemplate,
  type StoredTemplate,
} from "../../src/templates/store.ts";
import {
  approveTemplate,
  pollReview,
  pollReviews,
  submitTemplate,
} from "../../src/templates/submit-template.ts";

const db = openDatabase(env.DB);
const NOW = Date.UTC(2026, 10, 20);
const by = (actor: string, approves = false) => ({ actor, now: NOW, approves, approvesOwn: false });

/** A vendor's desk: answers each action with a body, or stays silent where there is none. */
function desk(answers: Record<string, object | null>) {
  const asked: string[] = [];
  const provider: Provider = { ...aliyun, regions: ["domestic"] };
  return {
    asked,
    answers,
    deps: {
      db,
      findContent: async () => [],
      framesOf: () => ({ domestic: [NO_FRAME], international: [NO_FRAME] }),
      linkPrefixOf: () => "https://shop.example/l/",
      changed: () => {},
      stamp: () => ({ now: new Date(NOW), nonce: "0".repeat(64) }),
      senders: [{ id: "snd_1", name: "Shop" }],
      accounts: [
        {
          id: "acc_1",
          provider,
          credentials: { access_key_id: "id", access_key_secret: "secret" },
          endpoint: "https://vendor.test/",
          relay: null,
          enabled: true,
        },
      ],
      async fetch(_url: string, init: RequestInit) {
        const action = new Headers(init.headers).get("x-acs-action") ?? "";
        asked.push(action);
        const answer = answers[action];
        if (!answer) throw new Error("connection reset");
        return Response.json(answer);
      },
    },
  };
}

const FILED = { Code: "OK", TemplateCode: "SMS_1" };
const reviewed = (status: number) => ({ Code: "OK", TemplateStatus: status });

let made = 0;
async function aDraft(category: "notification" | "marketing" = "notification") {
  const id = `tpl_${ulid(NOW + made, new Uint8Array(10))}`;
  const created = await createTemplate(
    desk({}).deps,
    {
      id,
      storefront: "sto_1",
      name: `template ${made++}`,
      category,
      channel: "sms",
      locale: "en",
      sender: "snd_1",
      body: "hi",
      variables: [],
    },
    by("key_1"),
  );
  if (!created.ok) throw new Error(created.error.code);
  return created.value;
}

/** One that was submitted for a person's word, and filed with nobody. */
async function anUnfiled() {
  const draft = await aDraft();
  const submitted = { ...draft.standing, status: "submitted" as const, submittedBy: "key_1" };
  await moveTemplate(db, draft, submitted, NOW);
  return now(draft);
}

const now = async (template: StoredTemplate) => {
  const found = await findTemplate(db, template.id);
  if (!found) throw new Error("it is gone");
  return found;
};

describe("a submitted template", () => {
  it("is filed again when the vendor did not answer, and lives once it is approved", async () => {
    const vendor = desk({});
    const draft = await aDraft();
    await submitTemplate(vendor.deps, draft, by("root", true));
    const unanswered = await now(draft);
    expect(unanswered.bindings).toMatchObject([{ status: "submitted", providerTemplateId: "" }]);
    expect(unanswered.bindings[0]?.detail).toContain("filed again");
    vendor.answers.CreateSmsTemplate = FILED;
    vendor.answers.GetSmsTemplate = reviewed(0);
    await pollReview(vendor.deps, draft.id, NOW);
    expect(await pollReview(vendor.deps, draft.id, NOW)).toBe(true);
    vendor.answers.GetSmsTemplate = reviewed(1);
    await pollReviews(vendor.deps, NOW);
    expect(await now(draft)).toMatchObject({
      standing: { status: "approved", liveVersion: 1 },
      bindings: [{ status: "approved", providerTemplateId: "SMS_1", detail: null }],
    });
    expect((await listTemplates(db)).map((one) => one.id)).toContain(draft.id);
    expect(vendor.asked.filter((action) => action === "CreateSmsTemplate")).toHaveLength(2);
  });

  it("is filed with an account only once, however often it is submitted", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED });
    const draft = await aDraft();
    await submitTemplate(vendor.deps, draft, by("root", true));
    await submitTemplate(vendor.deps, await now(draft), by("root", true));
    expect(vendor.asked).toEqual(["CreateSmsTemplate"]);
  });

  it("keeps the earlier version live until a provider has the new one, approved or not", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED, GetSmsTemplate: reviewed(1) });
    const draft = await aDraft();
    await submitTemplate(vendor.deps, draft, by("root", true));
    await pollReview(vendor.deps, draft.id, NOW);
    await editTemplate(vendor.deps, await now(draft), { body: "hello" }, by("key_1"));
    vendor.answers.GetSmsTemplate = reviewed(0);
    await submitTemplate(vendor.deps, await now(draft), by("key_1"));
    await approveTemplate(vendor.deps, await now(draft), by("key_2"));
    expect((await now(draft)).standing).toMatchObject({ status: "approved", liveVersion: 1 });
    expect((await findTemplate(db, draft.id, "liveVersion"))?.body).toBe("hi");
    vendor.answers.GetSmsTemplate = reviewed(1);
    await pollReview(vendor.deps, draft.id, NOW);
    expect((await findTemplate(db, draft.id, "liveVersion"))?.body).toBe("hello");
  });

  it("is filed by one of two who submit it at once", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED });
    const draft = await aDraft();
    const both = ["key_1", "key_2"].map((actor) => submitTemplate(vendor.deps, draft, by(actor)));
    expect((await Promise.all(both)).map((one) => one.ok).sort()).toEqual([false, true]);
    expect(vendor.asked).toEqual(["CreateSmsTemplate"]);
  });

  it("is filed once when it is submitted again while it is being filed", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED });
    const draft = await aDraft();
    let again: ReturnType<typeof submitTemplate> | null = null;
    const { fetch } = vendor.deps;
    const deps = {
      ...vendor.deps,
      async fetch(url: string, init: RequestInit) {
        again ??= submitTemplate(deps, await now(draft), by("key_2"));
        await again;
        return fetch(url, init);
      },
    };
    expect((await submitTemplate(deps, draft, by("key_1"))).ok).toBe(true);
    expect(await again).toEqual({ ok: false, error: { code: "changed-meanwhile" } });
    expect(vendor.asked).toEqual(["CreateSmsTemplate"]);
  });

  it("is filed once by two who find it unfiled at once", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED });
    const left = await anUnfiled();
    const later = { ...by("key_1"), now: NOW + 2 * MINUTE };
    await Promise.all([1, 2].map(() => submitTemplate(vendor.deps, left, later)));
    expect(vendor.asked).toEqual(["CreateSmsTemplate"]);
  });

  it("is filed by the poll when whoever submitted it never came to it", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED, GetSmsTemplate: reviewed(0) });
    const left = await anUnfiled();
    await pollReview(vendor.deps, left.id, NOW + 10 * SECOND);
    expect((await now(left)).bindings).toEqual([]);
    expect(await listUnsettled(db)).toContain(left.id);
    await pollReview(vendor.deps, left.id, NOW + 2 * MINUTE);
    expect((await now(left)).bindings).toMatchObject([{ providerTemplateId: "SMS_1" }]);
    expect((await now(left)).standing.submittedBy).toBe("key_1");
  });

  it("for marketing is not approved by who wrote it, whoever submitted it", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED });
    const draft = await aDraft("marketing");
    await submitTemplate(vendor.deps, draft, by("key_2"));
    const own = await approveTemplate(vendor.deps, await now(draft), by("key_1"));
    expect(own).toEqual({ ok: false, error: { code: "own-marketing" } });
    expect((await approveTemplate(vendor.deps, await now(draft), by("key_3"))).ok).toBe(true);
  });

  it("for marketing is not approved by who submitted it, whatever he may", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED, GetSmsTemplate: reviewed(1) });
    const draft = await aDraft("marketing");
    await submitTemplate(vendor.deps, draft, by("key_2", true));
    await pollReview(vendor.deps, draft.id, NOW);
    expect((await now(draft)).standing.status).toBe("submitted");
    const own = await approveTemplate(vendor.deps, await now(draft), by("key_2"));
    expect(own).toEqual({ ok: false, error: { code: "own-marketing" } });
    const other = await approveTemplate(vendor.deps, await now(draft), by("key_3"));
    expect(other).toMatchObject({ ok: true, value: { standing: { liveVersion: 1 } } });
  });

  it("is not approved for a text that was changed meanwhile", async () => {
    const vendor = desk({ CreateSmsTemplate: FILED });
    const draft = await aDraft();
    await submitTemplate(vendor.deps, draft, by("key_1"));
    const seen = await now(draft);
    await editTemplate(vendor.deps, seen, { body: "something else" }, by("key_1"));
    const approved = await approveTemplate(vendor.deps, seen, by("key_2"));
    expect(approved).toEqual({ ok: false, error: { code: "changed-meanwhile" } });
  });
});

describe("two edits at once", () => {
  it("make one version each, or one of them is told", async () => {
    const draft = await aDraft();
    const edits = await Promise.all(
      ["a", "b"].map((body) => editTemplate(desk({}).deps, draft, { body }, by("key_1"))),
    );
    expect(edits.map((one) => one.ok).sort()).toEqual([false, true]);
    expect((await now(draft)).version).toBe(2);
  });
});

describe("an offer that leaves in several frames", () => {
  const US = { before: "", behind: " Reply STOP" };
  const SG = { before: "<ADV> ", behind: " Reply STOP" };

  /** A desk abroad that gives each filing an id of its own and keeps what it was handed. */
  function abroad() {
    const at = desk({});
    const bodies: string[] = [];
    const [account] = at.deps.accounts;
    if (!account) throw new Error("the desk has no account");
    const provider: Provider = { ...aliyun, regions: ["international"] };
    const frames = { current: [US, SG] };
    const deps = {
      ...at.deps,
      accounts: [{ ...account, provider }],
      framesOf: () => ({ domestic: [NO_FRAME], international: frames.current }),
      async fetch(url: string, init: RequestInit) {
        const sent = decodeURIComponent(`${url} ${init.body}`.replaceAll("+", " "));
        const content = /TemplateContent=([^&]*)/.exec(sent)?.[1];
        if (content === undefined) return Response.json(reviewed(1));
        bodies.push(content);
        return Response.json({ Code: "OK", TemplateCode: `SMS_${bodies.length}` });
      },
    };
    return { bodies, deps, frames };
  }

  it("is filed in each of them, once, with all that will be sent", async () => {
    const { bodies, deps, frames } = abroad();
    const draft = await aDraft("marketing");
    const submitted = await submitTemplate(deps, draft, by("key_1"));
    expect(bodies.sort()).toEqual(["<ADV> hi Reply STOP", "hi Reply STOP"]);
    const filed = submitted.ok ? submitted.value : draft;
    expect(filed.bindings.map((one) => one.frame).sort()).toEqual([
      "<ADV> {} Reply STOP",
      "{} Reply STOP",
    ]);
    await pollReview(deps, draft.id, NOW);
    const reviewedOnes = await findTemplate(db, draft.id);
    expect(reviewedOnes?.bindings.map((one) => one.status)).toEqual(["approved", "approved"]);

    frames.current = [US, SG, { before: "", behind: " 退訂請回覆TD" }];
    const again = reviewedOnes && (await submitTemplate(deps, reviewedOnes, by("key_1")));
    expect(bodies.at(-1)).toBe("hi 退訂請回覆TD");
    expect(bodies).toHaveLength(3);
    expect(again?.ok && again.value.bindings).toHaveLength(3);
  });
});

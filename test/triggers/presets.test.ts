import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { MINUTE } from "../../src/lib/time.ts";
import type { Storefront } from "../../src/storefronts/storefront.ts";
import { checkDraft } from "../../src/templates/check-draft.ts";
import { NO_FRAME } from "../../src/templates/frame.ts";
import { pageTemplates } from "../../src/templates/store.ts";
import { checkRule } from "../../src/triggers/edit-rule.ts";
import { type EnableDeps, enablePreset } from "../../src/triggers/enable-preset.ts";
import { definitionOfPreset, PRESETS, type Preset } from "../../src/triggers/presets.ts";
import { listVersions, pageRules } from "../../src/triggers/store.ts";
import { aWorld } from "./builders.ts";

const { db } = depsOf(env);

describe("each preset", () => {
  it.each(PRESETS.map((preset) => [preset.name, preset] as const))(
    "%s has sound texts with the same variables in both languages, and a sound rule",
    (name, preset) => {
      const [zh, en] = [preset.text.zh, preset.text.en].map((body) =>
        checkDraft({ category: preset.category, body, variables: [] }),
      );
      if (!zh?.ok || !en?.ok) throw new Error("a text is faulty");
      const names = (side: typeof zh) => side.value.map((one) => one.name).sort();
      expect(names(en)).toEqual(names(zh));
      const templates = [{ id: "tpl_1", name, category: preset.category }];
      expect(checkRule(definitionOfPreset(preset), templates as never)).toEqual([]);
    },
  );

  it("has a name of its own", () => {
    expect(new Set(PRESETS.map((one) => one.name)).size).toBe(PRESETS.length);
  });
});

describe("a preset that is enabled", () => {
  const [preset] = PRESETS;
  if (!preset) throw new Error("no preset");
  const by = { actor: "key_1", now: 1, approves: true, approvesOwn: false };

  function enabling(storefront: Storefront, change: Partial<EnableDeps> = {}) {
    let made = 0;
    const deps: EnableDeps = {
      db,
      accounts: [],
      senders: [],
      framesOf: () => ({ domestic: [NO_FRAME], international: [NO_FRAME] }),
      linkPrefixOf: () => "",
      findContent: async () => [],
      changed: () => {},
      fetch: () => Promise.reject(new Error("nobody to file with")),
      stamp: () => ({ now: new Date(0), nonce: "" }),
      newId: (prefix: string) => `${prefix}_${storefront.id}_${++made}`,
      ...change,
    };
    return (now: number) => enablePreset(deps, storefront, preset as Preset, { ...by, now });
  }

  it("several times at once is one rule and one text a language", async () => {
    const { storefront } = await aWorld([]);
    const enable = enabling(storefront);
    const enabled = (await Promise.all([1, 2, 3].map(enable))).flatMap((one) =>
      one.ok ? one.value : [],
    );
    const [first] = enabled;
    expect(enabled).toHaveLength(3);
    expect(new Set(enabled.map((one) => one.rule.id)).size).toBe(1);
    expect(await listVersions(db, first?.rule.id ?? "")).toHaveLength(1);
    const templates = await pageTemplates(db, { storefront: storefront.id }, 10);
    expect(templates.map((one) => one.locale).sort()).toEqual(["en", "zh-CN"]);
  });

  it("again files what was submitted and never filed, and nothing that may be on its way", async () => {
    const { storefront } = await aWorld([]);
    const enable = enabling(storefront);
    const filed = async (now: number) => {
      const enabled = await enable(now);
      return enabled.ok && enabled.value.filed.length;
    };
    expect([await filed(1), await filed(2), await filed(2 * MINUTE)]).toEqual([2, 0, 2]);
  });

  it("where its words are refused makes no rule, and says which words", async () => {
    const { storefront } = await aWorld([]);
    const fault = { path: "body", message: "has a word of the list", severity: "refuse" as const };
    const enable = enabling(storefront, { findContent: async () => [fault] });
    const { path, message } = fault;
    expect(await enable(1)).toEqual({
      ok: false,
      error: { code: "content-rejected", faults: [{ path, message }] },
    });
    expect(await pageRules(db, { storefront: storefront.id }, 10)).toEqual([]);
  });
});

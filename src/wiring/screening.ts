import {
  type ContentRules,
  checkTemplate,
  draftText,
} from "../compliance/screening/check-content.ts";
import {
  type Classify,
  readGuardVerdict,
  withVerdict,
} from "../compliance/screening/classifier.ts";
import { type Finding, sayFinding } from "../compliance/screening/finding.ts";
import {
  type ContentSettings,
  defaultContentSettings,
  listOwnWords,
  readContentPolicies,
  replaceContentPolicies,
  saveWords,
  withDefaultPolicies,
} from "../compliance/screening/store.ts";
import type { ContentWays } from "../compliance/screening/ways.ts";
import { buildWordList, type WordList } from "../compliance/screening/words.ts";
import { changeStored } from "../db/change-stored.ts";
import type { Database } from "../db/client.ts";
import { SECOND } from "../lib/time.ts";
import type { FindContent, JudgedText } from "../templates/screened-text.ts";
import type { Configuration } from "./configuration.ts";

interface Parts {
  readonly env: object;
  readonly db: Database;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly changed: () => void;
}

/** The part of Workers AI that is used, where the deployment binds it. */
interface Models {
  run(model: string, input: object): Promise<unknown>;
}

const MODEL = "@cf/meta/llama-guard-3-8b";
const PATIENCE_MS = 3 * SECOND;
const VERDICTS_KEPT = 200;

/** A model's word on a text, asked for once; null where none is bound. */
function classifierOf({ env, wait }: Parts): Classify | null {
  const { AI } = env as { readonly AI?: Models };
  if (!AI) return null;
  const kept = new Map<string, ReturnType<Classify>>();
  return (text) => {
    const known = kept.get(text);
    if (known) return known;
    const asked = AI.run(MODEL, { messages: [{ role: "user", content: text }] });
    const late = wait(PATIENCE_MS).then(() => Promise.reject(new Error("no verdict in time")));
    const verdict = Promise.race([asked.then(readGuardVerdict), late]);
    if (kept.size >= VERDICTS_KEPT) kept.clear();
    kept.set(text, verdict);
    verdict.catch(() => kept.delete(text));
    return verdict;
  };
}

/** The content checks: their rules by storefront, and the ways to change them. */
export function wireContent(parts: Parts) {
  const { db } = parts;
  const classify = classifierOf(parts);
  const lists = new Map<string, { readonly version: number; readonly list: Promise<WordList> }>();
  let productList: WordList | null = null;

  function listOf(storefront: string, { wordsVersion: version }: ContentSettings) {
    if (version === 0) {
      productList ??= buildWordList([]);
      return productList;
    }
    const held = lists.get(storefront);
    if (held?.version === version) return held.list;
    const list = listOwnWords(db, storefront).then(buildWordList);
    lists.set(storefront, { version, list });
    list.catch(() => lists.delete(storefront));
    return list;
  }

  async function rulesOf(now: Configuration, storefront: string): Promise<ContentRules> {
    const settings = now.contentSettings.get(storefront) ?? defaultContentSettings;
    const words = await listOf(storefront, settings);
    const domain = now.storefronts.find((one) => one.id === storefront)?.domain ?? "";
    return { policies: settings.policies, words, domain };
  }

  async function findingsIn(now: Configuration, text: JudgedText): Promise<readonly Finding[]> {
    const rules = await rulesOf(now, text.storefront);
    const { mode } = rules.policies.classifier;
    return withVerdict(checkTemplate(rules, text), classify, draftText(text), mode);
  }

  const ways = (now: Configuration): ContentWays => ({
    rulesOf: (storefront) => rulesOf(now, storefront),
    findings: (text) => findingsIn(now, text),
    async changePolicies(storefront, change) {
      const policies = await changeStored(
        {
          read: () => readContentPolicies(db, storefront),
          replace: (before, next) => replaceContentPolicies(db, storefront, before, next),
        },
        (stored) => change(withDefaultPolicies(stored)),
      );
      parts.changed();
      return policies;
    },
    async importWords(storefront, words) {
      await saveWords(db, storefront, words);
      parts.changed();
    },
  });

  const findContent =
    (now: Configuration): FindContent =>
    async (text) =>
      (await findingsIn(now, text)).map((one) => ({
        severity: one.severity,
        path: one.path,
        message: sayFinding(one),
      }));

  return {
    rulesOf,
    services: (now: Configuration) => ({ content: ways(now), findContent: findContent(now) }),
  };
}

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { defaultContentPolicies } from "../../../src/compliance/screening/policies.ts";
import {
  listContentSettings,
  listOwnWords,
  replaceContentPolicies,
  saveWords,
} from "../../../src/compliance/screening/store.ts";
import type { Word } from "../../../src/compliance/screening/words.ts";
import { openDatabase } from "../../../src/db/client.ts";

const db = openDatabase(env.DB);
const settingsOf = async (storefront: string) => (await listContentSettings(db)).get(storefront);
const aWord = (word: string, severity: Word["severity"] = "refuse"): Word => ({
  word,
  category: "fraud",
  severity,
});

describe("words of a storefront", () => {
  it("are kept once a spelling, the last one said, and are another version each time", async () => {
    await saveWords(db, "sto_words", [aWord("Zebra"), aWord("斑马")]);
    expect((await settingsOf("sto_words"))?.wordsVersion).toBe(1);
    await saveWords(db, "sto_words", [aWord("z-e-b-r-a", "off")]);
    expect((await settingsOf("sto_words"))?.wordsVersion).toBe(2);
    const words = await listOwnWords(db, "sto_words");
    expect(words).toHaveLength(2);
    expect(words).toEqual(expect.arrayContaining([aWord("z-e-b-r-a", "off"), aWord("斑马")]));
    expect(await listOwnWords(db, "sto_other")).toEqual([]);
  });

  it("come in by thousands", async () => {
    await saveWords(
      db,
      "sto_many",
      Array.from({ length: 9_000 }, (_, index) => aWord(`词语${index}`)),
    );
    expect(await listOwnWords(db, "sto_many")).toHaveLength(9_000);
  });

  it("and its policies leave each other alone", async () => {
    const policies = { ...defaultContentPolicies, marketing: { mode: "off" as const } };
    await saveWords(db, "sto_both", [aWord("斑马")]);
    await replaceContentPolicies(db, "sto_both", defaultContentPolicies, policies);
    await saveWords(db, "sto_both", [aWord("河马")]);
    expect(await settingsOf("sto_both")).toEqual({ policies, wordsVersion: 2 });
  });
});

import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Template } from "../templates/template.ts";
import type { Audience, Campaign, CampaignVariant } from "./campaign.ts";

export type Unapprovable = "template-not-approved" | "segment-missing";

/** Why a campaign stands still, in the words of an answer. */
export const STANDSTILLS: Readonly<
  Record<Unapprovable | "changed-since-approval", { readonly en: string; readonly zh: string }>
> = {
  "template-not-approved": {
    en: "A template of the campaign is missing, or not approved.",
    zh: "活动所用模板不存在或尚未通过审核。",
  },
  "segment-missing": { en: "The segment is gone.", zh: "人群不存在。" },
  "changed-since-approval": {
    en: "The segment or a template is not the one that was approved.",
    zh: "人群或模板与审核通过时不一致。",
  },
};

/** The approved texts that a variant may become, one a locale. */
export const textsOf = (
  { template }: Pick<CampaignVariant, "template">,
  storefront: string,
  templates: readonly Template[],
): readonly Template[] =>
  templates.filter(
    (one) =>
      one.storefront === storefront &&
      (one.id === template || one.name === template) &&
      one.category !== "otp",
  );

/** What an approval is about, as a hash: the definition, whom the segment means, each text. */
export async function fingerprintOf(
  deps: { readonly audience: Audience; readonly templates: readonly Template[] },
  { storefront, definition }: Pick<Campaign, "storefront" | "definition">,
): Promise<Result<string, Unapprovable>> {
  const texts = definition.variants.map((one) => textsOf(one, storefront, deps.templates));
  if (texts.some((own) => own.length === 0)) return fail("template-not-approved");
  const segment = await deps.audience.fingerprint(storefront, definition.segment);
  if (segment === null) return fail("segment-missing");
  const versions = texts.map((own) => own.map(({ id, version }) => `${id} ${version}`).sort());
  const content = canonicalize({ definition, segment, versions }) ?? "";
  return ok(createHash("sha256").update(content).digest("hex"));
}

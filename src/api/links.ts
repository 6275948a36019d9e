import { z } from "@hono/zod-openapi";
import { rfc3339 } from "../lib/time.ts";
import type { Link } from "../links/link.ts";
import { LONGEST_TARGET, readTarget, withUtm } from "../links/target.ts";
import { REFUSALS, storefrontField, timeField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, problem } from "./problem.ts";
import { answerQr, qrFields } from "./qr.ts";
import { define, type Services } from "./services.ts";

const TAG = "Links and conversions";
const utmWord = z.string().trim().min(1).max(64);

const linkSchema = z
  .object({
    code: z.string(),
    url: z.string().openapi({ description: "What people open." }),
    storefront: z.string(),
    target: z
      .string()
      .openapi({ description: "Where it leads, empty once its recipient is erased." }),
    message: z.string().nullable(),
    campaign: z.string().nullable(),
    clicks: z.int().openapi({ description: "How often people opened it." }),
    people: z.int().openapi({
      description:
        "How many opened it: one at most of a message's link; of any other, nobody can tell its visitors apart.",
    }),
    bots: z.int().openapi({ description: "How often programs fetched it: previews, scanners." }),
    clicked_at: z.string().nullable().openapi({ description: "When a person opened it first." }),
    expires_at: z.string().nullable(),
    created_at: z.string(),
  })
  .openapi("Link");

const timeOrNull = (at: number | null): string | null => (at === null ? null : rfc3339(at));

function show({ services }: Call<Services>, link: Link) {
  const { code, clicks, message } = link;
  const storefront = services.storefronts.find((one) => one.id === link.storefront);
  return {
    code,
    url: services.links.urlOf(storefront ?? { domain: "" }, code),
    storefront: link.storefront,
    target: link.target,
    message,
    campaign: link.campaign,
    clicks,
    people: message === null ? clicks : Math.min(clicks, 1),
    bots: link.fetches,
    clicked_at: timeOrNull(link.clickedAt),
    expires_at: timeOrNull(link.expiresAt),
    created_at: rfc3339(link.createdAt),
  };
}

/** The link of a code, as far as the caller may see it. */
async function ownLink(
  { services, principal }: Call<Services>,
  code: string | undefined,
): Promise<Link | null> {
  const found = await services.links.find(code ?? "");
  return found && (!principal.storefront || found.storefront === principal.storefront)
    ? found
    : null;
}

const create = define({
  method: "post",
  path: "/v1/links",
  tag: TAG,
  summary: "Make a short link, for a poster or a parcel",
  scope: "links:write",
  audit: "links.create",
  body: z.strictObject({
    url: z.string().max(LONGEST_TARGET).openapi({ example: "https://shop.example/sale" }),
    campaign: utmWord.optional().openapi({ description: "Becomes `utm_campaign`." }),
    source: utmWord.default("link").openapi({ description: "Becomes `utm_source`." }),
    medium: utmWord.default("short_link").openapi({ description: "Becomes `utm_medium`." }),
    expires_at: timeField.optional(),
    storefront: storefrontField,
  }),
  answers: { 201: { description: "The link.", schema: linkSchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const target = readTarget(body.url);
    if (target === null) return invalid("url", "must be an http(s) address without a password");
    const { services } = call;
    const now = services.clock.now();
    const expiresAt = body.expires_at === undefined ? null : Date.parse(body.expires_at);
    if (expiresAt !== null && expiresAt <= now) return invalid("expires_at", "is over");
    const { campaign = null, source, medium } = body;
    const link = {
      storefront: storefront.id,
      target: withUtm(target, { source, medium, campaign }),
      message: null,
      campaign,
      variant: null,
      toIndex: null,
      expiresAt,
    };
    const code = await services.links.create(link);
    const made = await services.links.find(code);
    if (!made) throw new Error("a link was gone as soon as it was made");
    return { status: 201, body: show(call, made) };
  },
});

const read = define({
  method: "get",
  path: "/v1/links/{code}",
  tag: TAG,
  summary: "One short link, and who opened it",
  scope: "links:read",
  answers: { 200: { description: "As it stands.", schema: linkSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const link = await ownLink(call, params.code);
    return link ? { status: 200, body: show(call, link) } : problem("not-found");
  },
});

const qr = define({
  method: "get",
  path: "/v1/links/{code}/qr",
  tag: TAG,
  summary: "The QR code of a short link",
  scope: "links:read",
  query: z.strictObject(qrFields),
  answers: {
    200: {
      description: "The image: `image/svg+xml` or `image/png`.",
      schema: z.string(),
      type: "image/*",
    },
  },
  problems: REFUSALS.list,
  async handle(call, { params, query }) {
    const link = await ownLink(call, params.code);
    return link ? answerQr(show(call, link).url, query) : problem("not-found");
  },
});

export const linkEndpoints = [create, read, qr];

import { z } from "@hono/zod-openapi";
import { LONGEST_TARGET, readTarget } from "../links/target.ts";
import { BATCH_BODY_LIMIT } from "./body.ts";
import {
  answerPage,
  nameCursor,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
} from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { define } from "./services.ts";

const TAG = "Links and conversions";
const MOST_PRODUCTS = 1_000;

const productId = z.string().min(1).max(64);

const productSchema = z
  .object({
    id: productId,
    name: z.string(),
    url: z.string().nullable(),
    available: z.boolean(),
  })
  .openapi("Product");

const save = define({
  method: "put",
  path: "/v1/products",
  tag: TAG,
  summary: "Add products to the catalogue, or change them; others stay as they are",
  scope: "products:write",
  audit: "products.update",
  bodyLimit: BATCH_BODY_LIMIT,
  body: z.strictObject({
    products: z
      .array(
        z.strictObject({
          id: productId.openapi({ description: "Yours, as events name it." }),
          name: z.string().trim().min(1).max(100),
          url: z
            .string()
            .max(LONGEST_TARGET)
            .refine((url) => readTarget(url) !== null, "must be an http(s) address")
            .nullable()
            .default(null),
          available: z
            .boolean()
            .default(true)
            .openapi({ description: "False: it is recommended to nobody." }),
        }),
      )
      .min(1)
      .max(MOST_PRODUCTS)
      .refine(
        (products) => new Set(products.map(({ id }) => id)).size === products.length,
        "must name each product once",
      ),
    storefront: storefrontField,
  }),
  answers: { 200: { description: "They are kept.", schema: z.object({ saved: z.int() }) } },
  problems: REFUSALS.write,
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    await call.services.products.save(storefront.id, body.products);
    return { status: 200, body: { saved: body.products.length } };
  },
});

const list = define({
  method: "get",
  path: "/v1/products",
  tag: TAG,
  summary: "The catalogue, by id",
  scope: "products:read",
  query: z.strictObject({ ...pageQuery, cursor: nameCursor, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(productSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor = "", storefront: named } }) {
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    const rows = await call.services.products.page(storefront.id, cursor, limit + 1);
    return answerPage(rows, limit, (row) => row);
  },
});

export const productEndpoints = [save, list];

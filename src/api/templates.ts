import { z } from "@hono/zod-openapi";
import { CATEGORIES } from "../messages/message.ts";
import {
  type DeclaredVariable,
  LONGEST_BODY,
  LONGEST_VALUE,
  MOST_VARIABLES,
} from "../templates/check-draft.ts";
import {
  createTemplate,
  type EditRefusal,
  editTemplate,
  removeTemplate,
} from "../templates/edit-template.ts";
import { pageTemplates } from "../templates/store.ts";
import {
  TEMPLATE_STATUSES,
  VARIABLE_SLOTS,
  VARIABLE_SOURCES,
  VARIABLE_TYPES,
} from "../templates/template.ts";
import {
  answerPage,
  localeField,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
} from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { type Problem, problem } from "./problem.ts";
import { define } from "./services.ts";
import {
  channelField,
  contentField,
  faultsProblem,
  missingText,
  readText,
  refusedChannel,
} from "./template-content.ts";
import {
  author,
  contentProblem,
  findSender,
  noSender,
  ownTemplate,
  showJudged,
  showTemplate,
  templateAnswer,
  templateSchema,
} from "./template-view.ts";

const variableName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a name such as order_no");

const declared = z
  .union([
    variableName,
    z.strictObject({
      name: variableName,
      type: z.enum(VARIABLE_TYPES).default("text"),
      max_length: z.int().min(1).max(LONGEST_VALUE).default(100),
      fallback: z.string().min(1).max(LONGEST_VALUE).nullable().default(null),
      slot: z.enum(VARIABLE_SLOTS).nullable().default(null),
      shorten: z.boolean().nullable().default(null).openapi({
        description:
          "Of a URL: whether each recipient gets a short link of his own, whose clicks are counted. Null: in offers, and where there is a `slot`.",
      }),
      source: z.enum(VARIABLE_SOURCES).nullable().default(null).openapi({
        description:
          "What stands there when a request gives no value: the name of a product that suits the recipient, or its address where the type is `url`.",
      }),
    }),
  ])
  .transform((said): DeclaredVariable => {
    if (typeof said === "string") return { name: said };
    const { max_length: maxLength, ...rest } = said;
    return { ...rest, maxLength };
  });

const fields = {
  name: z
    .string()
    .min(1)
    .max(64)
    .refine((name) => name === name.trim(), "must not begin or end with a blank")
    .refine((name) => !name.startsWith("tpl_"), "must not look like an id"),
  category: z.enum(CATEGORIES),
  sender: z.string().min(1).max(64).openapi({ description: "A sender's id or its name." }),
  body: z.string().min(1).max(LONGEST_BODY).openapi({
    description: "With `{{name}}` and `{{name|fallback}}`.",
    example: "验证码{{code}}",
  }),
  variables: z.array(declared).max(MOST_VARIABLES).openapi({
    description: "Refines variables of the body; those that are not named take any text.",
  }),
};

function editProblem(refusal: EditRefusal): Problem {
  switch (refusal.code) {
    case "faulty-draft":
      return faultsProblem(refusal.faults);
    case "content-rejected":
      return contentProblem(refusal.faults);
    case "name-taken":
      return problem("conflict", "The storefront has a template of this name and locale.");
    case "changed-meanwhile":
      return problem("conflict", "The template was changed meanwhile. Read it again.");
  }
}

const create = define({
  method: "post",
  path: "/v1/templates",
  tag: "Templates",
  summary: "Draft a template",
  scope: "templates:write",
  audit: "templates.create",
  body: z.strictObject({
    ...fields,
    body: fields.body.optional(),
    content: contentField.optional(),
    channel: channelField.default("sms"),
    sender: fields.sender.optional(),
    locale: localeField.optional(),
    variables: fields.variables.default([]),
    storefront: storefrontField,
  }),
  answers: { 201: templateAnswer("The draft, version 1.") },
  problems: [...REFUSALS.post, "content-rejected"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const sender = findSender(call.services, storefront, body.sender);
    if (!sender) return noSender();
    const text = readText(body.channel, body) ?? missingText(body.channel);
    if ("problem" in text) return text;
    const refused = refusedChannel(body.channel, body.category);
    if (refused) return refused;
    const created = await createTemplate(
      call.services,
      {
        ...body,
        ...text,
        id: call.services.newId("tpl"),
        storefront: storefront.id,
        sender: sender.id,
        locale: body.locale ?? storefront.locale,
      },
      author(call),
    );
    if (!created.ok) return editProblem(created.error);
    return { status: 201, body: await showJudged(call.services, created.value) };
  },
});

const list = define({
  method: "get",
  path: "/v1/templates",
  tag: "Templates",
  summary: "Templates by their newest version, newest first",
  scope: "templates:read",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    name: z.string().max(64).optional(),
    category: fields.category.optional(),
    channel: channelField.optional(),
    locale: localeField.optional(),
    status: z.enum(TEMPLATE_STATUSES).optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(templateSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const { limit, cursor, storefront, ...filter } = query;
    if (storefront && !call.storefront(storefront)) return noStorefront();
    const rows = await pageTemplates(
      call.services.db,
      { ...filter, storefront: call.principal.storefront ?? storefront, below: cursor },
      limit + 1,
    );
    return answerPage(rows, limit, (row) => showTemplate(call.services, row));
  },
});

const read = define({
  method: "get",
  path: "/v1/templates/{id}",
  tag: "Templates",
  summary: "One template with its bindings",
  scope: "templates:read",
  answers: { 200: templateAnswer("As it stands.") },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownTemplate(call, params.id ?? "");
    if (!found) return problem("not-found");
    return { status: 200, body: await showJudged(call.services, found) };
  },
});

const edit = define({
  method: "patch",
  path: "/v1/templates/{id}",
  tag: "Templates",
  summary: "Change a template: another text is a new version, a draft again",
  scope: "templates:write",
  audit: "templates.update",
  body: z.strictObject({
    name: fields.name.optional(),
    sender: fields.sender.optional(),
    body: fields.body.optional(),
    content: contentField.optional().openapi({ description: "In place of all of it." }),
    variables: fields.variables.optional(),
  }),
  answers: {
    200: templateAnswer("As it stands now; the approved version is sent until the new one is."),
  },
  problems: [...REFUSALS.write, "content-rejected"],
  async handle(call, { body, params }) {
    const found = await ownTemplate(call, params.id ?? "");
    const storefront =
      found && call.services.storefronts.find((one) => one.id === found.storefront);
    if (!found || !storefront) return problem("not-found");
    const sender = body.sender ? findSender(call.services, storefront, body.sender) : null;
    if (sender === undefined) return noSender();
    const text = readText(found.channel, body);
    if (text && "problem" in text) return text;
    const { name, variables } = body;
    const said = { body: text?.body, content: text?.content ?? undefined };
    const change = { name, variables, sender: sender?.id, ...said };
    const edited = await editTemplate(call.services, found, change, author(call));
    if (!edited.ok) return editProblem(edited.error);
    return { status: 200, body: await showJudged(call.services, edited.value) };
  },
});

const remove = define({
  method: "delete",
  path: "/v1/templates/{id}",
  tag: "Templates",
  summary: "Delete a template: nothing is sent with it any more",
  scope: "templates:write",
  audit: "templates.delete",
  answers: { 200: { description: "It is gone.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownTemplate(call, params.id ?? "");
    if (!found) return problem("not-found");
    await removeTemplate(call.services, found.id);
    return { status: 200, body: { id: found.id }, storefront: found.storefront };
  },
});

export const templateEndpoints = [create, list, read, edit, remove];

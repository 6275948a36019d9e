import { z } from "@hono/zod-openapi";
import type { Principal } from "../access/principal.ts";
import { ROLES, type Role, roleHas } from "../access/roles.ts";
import { SCOPES } from "../access/scopes.ts";
import { rfc3339 } from "../lib/time.ts";
import { hashToken, newToken } from "../people/auth.ts";
import { INVITATION_MS, type Person } from "../people/person.ts";
import { changePerson, createPerson, invite, pagePeople } from "../people/store.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { define, type Services } from "./services.ts";

const personSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    storefront: z.string().nullable().openapi({ description: "Null: all of them." }),
    disabled: z.boolean(),
    two_factor: z.boolean().openapi({ description: "Whether signing in takes a one-time code." }),
    invited_until: z
      .string()
      .nullable()
      .openapi({ description: "How long the invitation waits; null once it was accepted." }),
    created_at: z.string(),
  })
  .openapi("Person");

const invitedSchema = personSchema
  .extend({
    invitation: z.object({
      token: z.string(),
      url: z.string(),
    }),
  })
  .openapi("InvitedPerson");

const show = (person: Person) => ({
  id: person.id,
  email: person.email,
  name: person.name,
  role: person.role,
  storefront: person.storefront,
  disabled: person.disabledAt !== null,
  two_factor: person.twoFactorEnabled,
  invited_until: person.invitedUntil === null ? null : rfc3339(person.invitedUntil),
  created_at: rfc3339(person.createdAt),
});

/** A token that is shown once, and what is stored of it. */
function newInvitation({ randomBytes, keys, clock, publicOrigin }: Services) {
  const token = newToken(randomBytes);
  return {
    stored: { hash: hashToken(keys, token), until: clock.now() + INVITATION_MS },
    // Behind the `#`, so that no server's log and no referrer ever holds it.
    shown: { token, url: `${new URL(publicOrigin).origin}/console/invitation#${token}` },
  };
}

/** Whoever could make somebody more powerful than himself, would be as powerful. */
function refusedRole(principal: Principal, role: Role): Problem | null {
  const isBeyond = SCOPES.some(
    (scope) => scope !== "pii:read" && roleHas(role, scope) && !principal.mayGive(scope),
  );
  return isBeyond ? problem("forbidden", "That role may do more than you may.") : null;
}

async function ownPerson(call: Call<Services>, id: string | undefined): Promise<Person | null> {
  const filter = { id: id ?? "", storefront: call.principal.storefront ?? undefined };
  const [found] = await pagePeople(call.services.db, filter, 1);
  return found ?? null;
}

const roleField = z.enum(ROLES);

const create = define({
  method: "post",
  path: "/v1/people",
  tag: "Access",
  summary: "Invite a person to the console; the token is shown this once and good for 24 hours",
  scope: "people:write",
  audit: "people.create",
  stepUp: true,
  body: z.strictObject({
    email: z.email().max(254).toLowerCase(),
    name: z.string().trim().min(1).max(100),
    role: roleField,
    storefront: storefrontField.openapi({
      description: "Left out: the caller's own, or all of them.",
    }),
  }),
  answers: { 201: { description: "Invited.", schema: invitedSchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services, principal } = call;
    const bound = body.storefront ?? principal.storefront;
    const storefront = bound === null ? null : call.storefront(bound)?.id;
    if (storefront === undefined) return noStorefront();
    const refused = refusedRole(principal, body.role);
    if (refused) return refused;
    const { stored, shown } = newInvitation(services);
    const person: Person = {
      id: services.newId("usr"),
      email: body.email,
      name: body.name,
      role: body.role,
      storefront,
      disabledAt: null,
      invitedUntil: stored.until,
      twoFactorEnabled: false,
      createdAt: services.clock.now(),
    };
    const made = await createPerson(services.db, person, services.newId("key"), stored);
    if (!made.ok) return problem("conflict", "Somebody has that e-mail address already.");
    return { status: 201, body: { ...show(person), invitation: shown } };
  },
});

const list = define({
  method: "get",
  path: "/v1/people",
  tag: "Access",
  summary: "Who may use the console, newest first",
  scope: "people:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(personSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, below: cursor };
    return answerPage(await pagePeople(call.services.db, filter, limit + 1), limit, show);
  },
});

const read = define({
  method: "get",
  path: "/v1/people/{id}",
  tag: "Access",
  summary: "One person",
  scope: "people:read",
  answers: { 200: { description: "As he stands.", schema: personSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const person = await ownPerson(call, params.id);
    return person ? { status: 200, body: show(person) } : problem("not-found");
  },
});

const update = define({
  method: "patch",
  path: "/v1/people/{id}",
  tag: "Access",
  summary: "Change a role, or shut a person out; his sessions end at once",
  scope: "people:write",
  audit: "people.update",
  stepUp: true,
  body: z.strictObject({ role: roleField.optional(), disabled: z.boolean().optional() }),
  answers: { 200: { description: "As he stands.", schema: personSchema } },
  problems: REFUSALS.write,
  async handle(call, { params, body }) {
    const { services, principal } = call;
    const person = await ownPerson(call, params.id);
    if (!person) return problem("not-found");
    if (body.role === undefined && body.disabled === undefined) {
      return invalid("", "must change the role, or whether the person is disabled");
    }
    const refused =
      refusedRole(principal, person.role) ?? refusedRole(principal, body.role ?? person.role);
    if (refused) return refused;
    const disabledAt = body.disabled ? (person.disabledAt ?? services.clock.now()) : null;
    const changed = await changePerson(services.db, person.id, {
      role: body.role,
      disabledAt: body.disabled === undefined ? undefined : disabledAt,
    });
    if (!changed.ok) return problem("conflict", "Nobody would be left who is an owner.");
    return { status: 200, body: show(changed.value), storefront: person.storefront };
  },
});

const inviteAgain = define({
  method: "post",
  path: "/v1/people/{id}/invite",
  tag: "Access",
  summary: "Let a person set another password: the way back in after a loss",
  scope: "people:write",
  audit: "people.invite",
  stepUp: true,
  body: z.strictObject({}).optional(),
  answers: {
    201: { description: "Once accepted, sessions and second factors end.", schema: invitedSchema },
  },
  problems: REFUSALS.post,
  async handle(call, { params }) {
    const { services, principal } = call;
    const person = await ownPerson(call, params.id);
    if (!person) return problem("not-found");
    const refused = refusedRole(principal, person.role);
    if (refused) return refused;
    const { stored, shown } = newInvitation(services);
    const invited = await invite(services.db, person.id, stored);
    if (!invited) return problem("not-found");
    return { status: 201, body: { ...show(invited), invitation: shown } };
  },
});

export const peopleEndpoints = [create, list, read, update, inviteAgain];

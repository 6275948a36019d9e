import { z } from "@hono/zod-openapi";
import { connectingAddress, countedAs } from "../access/address.ts";
import { secondsUntil } from "../lib/time.ts";
import { authRoute } from "./auth.ts";
import { ask, began, type Json, pass } from "./auth-ask.ts";
import { problemUntil } from "./problem.ts";

const webAuthn = z.record(z.string(), z.unknown());

const passkeyOptions = authRoute({
  method: "get",
  path: "/auth/passkey/generate-authenticate-options",
  summary: "A challenge to sign in with a passkey",
  who: "anybody",
  async handle(visit) {
    const { challenges, now, trustedProxy } = visit.deps;
    const ip = connectingAddress(visit.request, trustedProxy);
    const until = challenges.take((ip && countedAs(ip)) ?? "unknown", now());
    if (until !== null) {
      const detail = "Too many challenges were asked for in this minute.";
      return problemUntil("rate-limited", detail, secondsUntil(until, now()));
    }
    const done = await pass(visit, "/passkey/generate-authenticate-options");
    if ("problem" in done) return done;
    return { ...done, body: { ...(done.body as Json), userVerification: "required" } };
  },
});

const signInWithPasskey = authRoute({
  method: "post",
  path: "/auth/passkey/verify-authentication",
  summary: "Sign in with a passkey",
  who: "anybody",
  guesses: true,
  audit: "people.sign_in",
  body: z.strictObject({ response: webAuthn }),
  async handle(visit) {
    const asked = await ask(visit, "/passkey/verify-authentication");
    return "problem" in asked ? asked : began(visit, asked);
  },
});

const newPasskeyOptions = authRoute({
  method: "get",
  path: "/auth/passkey/generate-register-options",
  summary: "A challenge to make a passkey",
  who: "fresh",
  handle: (visit) => pass(visit, "/passkey/generate-register-options"),
});

const addPasskey = authRoute({
  method: "post",
  path: "/auth/passkey/verify-registration",
  summary: "Keep a passkey that was made",
  who: "fresh",
  audit: "people.add_passkey",
  body: z.strictObject({ response: webAuthn, name: z.string().trim().max(100).optional() }),
  handle: (visit) => pass(visit, "/passkey/verify-registration"),
});

const removePasskey = authRoute({
  method: "post",
  path: "/auth/passkey/delete-passkey",
  summary: "Forget a passkey",
  who: "fresh",
  audit: "people.remove_passkey",
  body: z.strictObject({ id: z.string().max(64) }),
  handle: (visit) => pass(visit, "/passkey/delete-passkey"),
});

const listPasskeys = authRoute({
  method: "get",
  path: "/auth/passkey/list-user-passkeys",
  summary: "The passkeys of who is signed in",
  who: "person",
  async handle(visit) {
    const asked = await ask(visit, "/passkey/list-user-passkeys");
    if ("problem" in asked) return asked;
    const found = Array.isArray(asked.json) ? (asked.json as readonly Json[]) : [];
    const data = found.map(({ id, name, createdAt }) => ({ id, name, created_at: createdAt }));
    return { body: { data }, cookies: asked.cookies, person: visit.person };
  },
});

/** Passkeys. */
export const passkeyRoutes = [
  passkeyOptions,
  signInWithPasskey,
  newPasskeyOptions,
  addPasskey,
  listPasskeys,
  removePasskey,
];

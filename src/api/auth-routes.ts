import { z } from "@hono/zod-openapi";
import { hashToken } from "../people/auth.ts";
import {
  hashPassword,
  isOutdated,
  LONGEST_PASSWORD,
  SHORTEST_PASSWORD,
} from "../people/password.ts";
import { provesPerson, stepUp } from "../people/step-up.ts";
import { acceptInvitation, readPasswordHash, replacePasswordHash } from "../people/store.ts";
import { authRoute, type Visit } from "./auth.ts";
import { ask, began, NO_PROOF, pass } from "./auth-ask.ts";
import { writeSessionCookie } from "./person.ts";
import { problem } from "./problem.ts";

const newPassword = z.string().min(SHORTEST_PASSWORD).max(LONGEST_PASSWORD);
const shownPassword = z.string().min(1).max(LONGEST_PASSWORD);
const totp = z.string().regex(/^\d{6}$/);

const signIn = authRoute({
  method: "post",
  path: "/auth/sign-in/email",
  summary: "Sign in; where one-time codes are set up, one is asked for next",
  who: "anybody",
  guesses: true,
  audit: "people.sign_in",
  body: z.strictObject({
    email: z.email().max(254).toLowerCase(),
    password: shownPassword,
  }),
  async handle(visit) {
    const asked = await ask(visit, "/sign-in/email");
    if ("problem" in asked) return asked;
    if (asked.json.twoFactorRedirect) {
      return { body: { status: "code-needed" }, cookies: asked.cookies, person: null };
    }
    const done = await began(visit, asked);
    if (done.person) await renewHash(visit, done.person.id, visit.body.password);
    return done;
  },
});

/** A hash of yesterday's parameters becomes one of today's, now that the password is known. */
async function renewHash({ deps }: Visit<unknown>, person: string, password: string) {
  const { db, keys, randomBytes } = deps;
  const old = await readPasswordHash(db, person);
  if (old === null || !isOutdated(keys, old)) return;
  await replacePasswordHash(db, person, old, await hashPassword(keys, randomBytes, password));
}

const signOut = authRoute({
  method: "post",
  path: "/auth/sign-out",
  summary: "End this session",
  who: "anybody",
  audit: "people.sign_out",
  body: z.strictObject({}).optional(),
  handle: (visit) => pass(visit, "/sign-out"),
});

const verifyTotp = authRoute({
  method: "post",
  path: "/auth/two-factor/verify-totp",
  summary: "Show a one-time code: the end of signing in, or of setting codes up",
  who: "anybody",
  guesses: true,
  audit: "people.verify_code",
  body: z.strictObject({ code: totp }),
  async handle(visit) {
    const asked = await ask(visit, "/two-factor/verify-totp");
    return "problem" in asked ? asked : began(visit, asked);
  },
});

const verifyBackupCode = authRoute({
  method: "post",
  path: "/auth/two-factor/verify-backup-code",
  summary: "Sign in with one of the codes for a lost device, good once",
  who: "anybody",
  guesses: true,
  audit: "people.use_backup_code",
  body: z.strictObject({ code: z.string().min(1).max(64) }),
  async handle(visit) {
    const asked = await ask(visit, "/two-factor/verify-backup-code");
    return "problem" in asked ? asked : began(visit, asked);
  },
});

const enableTwoFactor = authRoute({
  method: "post",
  path: "/auth/two-factor/enable",
  summary: "Set up one-time codes; they count from the first one that is shown",
  who: "person",
  guesses: true,
  body: z.strictObject({ password: shownPassword }),
  handle: (visit) => pass(visit, "/two-factor/enable"),
});

const disableTwoFactor = authRoute({
  method: "post",
  path: "/auth/two-factor/disable",
  summary: "Do without one-time codes",
  who: "fresh",
  guesses: true,
  audit: "people.disable_codes",
  body: z.strictObject({ password: shownPassword }),
  handle: (visit) => pass(visit, "/two-factor/disable"),
});

const changePassword = authRoute({
  method: "post",
  path: "/auth/change-password",
  summary: "Change the password; every other session ends",
  who: "person",
  guesses: true,
  audit: "people.change_password",
  body: z
    .strictObject({ current_password: shownPassword, new_password: newPassword })
    .transform((body) => ({
      currentPassword: body.current_password,
      newPassword: body.new_password,
      revokeOtherSessions: true,
    })),
  handle: (visit) => pass(visit, "/change-password"),
});

const accept = authRoute({
  method: "post",
  path: "/v1/people/accept",
  summary: "Accept an invitation: set the first password, or another one",
  who: "anybody",
  guesses: true,
  audit: "people.accept",
  body: z.strictObject({ token: z.string().min(1).max(128), password: newPassword }),
  async handle({ deps, body }) {
    const { db, keys, randomBytes, now } = deps;
    const hash = await hashPassword(keys, randomBytes, body.password);
    const person = await acceptInvitation(db, hashToken(keys, body.token), hash, now());
    return person
      ? { body: { status: "accepted", email: person.email }, cookies: [], person }
      : problem("not-found", "The invitation is over, or was accepted before.");
  },
});

const showAgain = authRoute({
  method: "post",
  path: "/v1/session/step-up",
  summary: "Show again who you are, for what takes a fresh proof",
  who: "person",
  guesses: true,
  audit: "people.step_up",
  body: z.union([z.strictObject({ password: shownPassword }), z.strictObject({ totp })]),
  async handle({ deps, body, person }) {
    if (!person?.sessionId) {
      return problem("conflict", "Sign in anew where you signed in: this is no session of ours.");
    }
    if (!(await provesPerson(deps, person.id, body))) return NO_PROOF;
    const token = await stepUp(deps, person.sessionId);
    if (token === null) return problem("unauthorized");
    const cookies = [await writeSessionCookie(deps, token)];
    return { body: { status: "fresh" }, cookies, person };
  },
});

/** Passwords, one-time codes and invitations. */
export const authRoutes = [
  signIn,
  signOut,
  verifyTotp,
  verifyBackupCode,
  enableTwoFactor,
  disableTwoFactor,
  changePassword,
  accept,
  showAgain,
];

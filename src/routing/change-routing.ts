import { Buffer } from "node:buffer";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import { ulid } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Account } from "./account.ts";
import type { RouteRule } from "./route.ts";
import {
  type AccountChanges,
  deleteAccount,
  deleteScores,
  findAccount,
  insertAccount,
  listAccounts,
  readRoutes,
  replaceRoutes,
  replaceToken,
  updateAccount,
} from "./store.ts";

export interface ChangeRoutingDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Called once a change is stored: what is in memory is out of date. */
  readonly changed: () => void;
}

export type NewAccount = Omit<Account, "id" | "token" | "previousToken" | "createdAt">;

/** A candidate of a rule whose account does not exist, by their places. */
export interface UnknownAccount {
  readonly rule: number;
  readonly candidate: number;
}

/** The ways to change accounts and routes. Each is one batch, in force for the next request. */
export interface RoutingChanges {
  addAccount(account: NewAccount): Promise<Account>;
  /** As stored at this moment, not as remembered. */
  findAccount(id: string): Promise<Account | null>;
  changeAccount(id: string, changes: AccountChanges): Promise<Account | null>;
  /** Gives its callback URLs another token; the old one is good for the overlap. */
  rotateToken(id: string, overlapMs: number): Promise<Account | null>;
  /** An account that a route names stays: `enabled: false` stops its traffic at once. */
  removeAccount(id: string): Promise<Result<Account, "missing" | "routed">>;
  replaceRoutes(rules: readonly RouteRule[]): Promise<Result<null, readonly UnknownAccount[]>>;
}

const findUnknown = (rules: readonly RouteRule[], known: ReadonlySet<string>): UnknownAccount[] =>
  rules.flatMap(({ candidates }, rule) =>
    candidates.flatMap(({ account }, candidate) => (known.has(account) ? [] : { rule, candidate })),
  );

export function routingChanges(deps: ChangeRoutingDeps): RoutingChanges {
  const { db, keys, now, randomBytes, changed } = deps;
  const newToken = () => Buffer.from(randomBytes(24)).toString("hex");
  const find = (id: string) => findAccount(db, keys, id);
  return {
    findAccount: find,
    async addAccount(draft) {
      const account = {
        ...draft,
        id: `acc_${ulid(now(), randomBytes(10))}`,
        token: newToken(),
        createdAt: now(),
      };
      await db.batch([insertAccount(db, keys, account), raiseVersion(db)]);
      changed();
      return account;
    },
    async changeAccount(id, changes) {
      await db.batch([updateAccount(db, keys, id, changes), raiseVersion(db)]);
      changed();
      return find(id);
    },
    async rotateToken(id, overlapMs) {
      const rotation = { token: newToken(), previousUntil: now() + overlapMs };
      await db.batch([replaceToken(db, keys, id, rotation), raiseVersion(db)]);
      changed();
      return find(id);
    },
    async removeAccount(id) {
      const [account, rules] = await Promise.all([find(id), readRoutes(db)]);
      if (!account) return fail("missing");
      const routed = rules.some((rule) => rule.candidates.some((one) => one.account === id));
      if (routed) return fail("routed");
      await db.batch([deleteAccount(db, id), deleteScores(db, id), raiseVersion(db)]);
      changed();
      return ok(account);
    },
    async replaceRoutes(rules) {
      const accounts = await listAccounts(db, keys);
      const unknown = findUnknown(rules, new Set(accounts.map((account) => account.id)));
      if (unknown.length > 0) return fail(unknown);
      await db.batch([replaceRoutes(db, rules), raiseVersion(db)]);
      changed();
      return ok(null);
    },
  };
}

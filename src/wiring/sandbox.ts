import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import type { Outcome } from "../providers/provider.ts";
import { type DeliverDeps, deliverToSandbox } from "../sandbox/deliver.ts";
import { forgetTexts, keepTexts, type SandboxText } from "../sandbox/store.ts";
import { inSandbox } from "../sandbox/world.ts";
import { pageTemplates } from "../templates/store.ts";
import type { Configuration } from "./configuration.ts";

/** Templates that test keys can send by. */
const MOST_TEMPLATES = 2_000;

interface Parts extends Pick<DeliverDeps, "keepReceipts" | "logError"> {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
}

/** What test keys see, and where their texts go, wired together. */
export function wireSandbox(parts: Parts) {
  const { db, clock } = parts;
  const deps: DeliverDeps = {
    ...parts,
    now: clock.now,
    keep: (texts) => keepTexts(parts, texts, clock.now()),
  };
  return {
    deliver: (texts: readonly SandboxText[]): Promise<readonly Outcome[]> =>
      deliverToSandbox(deps, texts),
    /** Drafts are no part of a snapshot: they are read when a test key asks. */
    configuration: async (live: Configuration): Promise<Configuration> =>
      inSandbox(live, await pageTemplates(db, {}, MOST_TEMPLATES)),
    forget: () => forgetTexts(db, clock.now()),
  };
}

export type Sandbox = ReturnType<typeof wireSandbox>;

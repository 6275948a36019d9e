import { IdempotencyShardObject } from "./api/idempotency-shard.ts";
import { createApp } from "./app.ts";
import { AuditLogObject } from "./audit/audit-log.ts";
import { AbuseGuardObject } from "./compliance/abuse-guard.ts";
import { depsOf } from "./deps.ts";
import type { WakeUp } from "./dispatch/drain.ts";
import { ProviderAccountObject } from "./dispatch/provider-account.ts";
import { SweeperObject } from "./dispatch/sweeper.ts";
import { LogWriterObject } from "./messages/log-writer.ts";
import { ReceiptInboxObject } from "./receipts/inbox.ts";
import { seed } from "./seed.ts";
import { pollReviews } from "./templates/submit-template.ts";
import { PhoneNumberObject } from "./verifications/phone-number.ts";

export class PhoneNumber extends PhoneNumberObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).phoneNumber);
  }
}

export class IdempotencyShard extends IdempotencyShardObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).clock);
  }
}

/** Named by its storefront. */
export class AbuseGuard extends AbuseGuardObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const { clock, tellOperators } = depsOf(env);
    super(ctx, env, { clock, tellOperators });
  }
}

/** Named `log-<n>`: it writes to `LOG_<n>`. */
export class LogWriter extends LogWriterObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const shard = depsOf(env).log.shards[Number(ctx.id.name?.slice("log-".length))];
    if (!shard) throw new Error("a log writer must be named log-<n>");
    super(ctx, env, shard);
  }
}

export class ReceiptInbox extends ReceiptInboxObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const { log, clock, logError, noteEnd, keepScores } = depsOf(env);
    super(ctx, env, { shards: log.shards, clock, noteEnd, keepNotes: keepScores, logError });
  }
}

export class ProviderAccount extends ProviderAccountObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).clock);
  }
}

export class Sweeper extends SweeperObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const { clock, dispatch, logError } = depsOf(env);
    super(ctx, env, { clock, logError, sweep: dispatch.sweep });
  }
}

/** Named `audit`: there is one. */
export class AuditLog extends AuditLogObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const { keys, clock, logError } = depsOf(env);
    super(ctx, env, { keys, clock, logError, checkpoints: env.AUDIT_CHECKPOINTS });
  }
}

let app: ReturnType<typeof createApp> | null = null;

export default {
  fetch(request, env, ctx) {
    // Under a path of their own, so that no answer of the API waits for the assets.
    if (new URL(request.url).pathname.startsWith("/docs/assets/")) return env.ASSETS.fetch(request);
    app ??= createApp(depsOf(env));
    return app.fetch(request, env, ctx);
  },
  async scheduled(_controller, env, ctx) {
    const deps = depsOf(env);
    await seed(deps);
    // Its alarm re-arms itself; this starts it, and starts it again should it ever have stopped.
    await deps.dispatch.wakeAt(deps.clock.now());
    await deps.sandbox.forget();
    await pollReviews(await deps.reviews((work) => ctx.waitUntil(work)), deps.clock.now());
  },
  async queue(batch, env) {
    await depsOf(env).dispatch.consume(batch);
  },
} satisfies ExportedHandler<Env, WakeUp>;

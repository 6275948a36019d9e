import { IdempotencyShardObject } from "./api/idempotency-shard.ts";
import { createApp } from "./app.ts";
import { ImportJobObject } from "./audience/import-job.ts";
import { AuditLogObject } from "./audit/audit-log.ts";
import { CampaignRunnerObject } from "./campaigns/campaign-runner.ts";
import { AbuseGuardObject } from "./compliance/abuse-guard.ts";
import { depsOf } from "./deps.ts";
import type { WakeUp } from "./dispatch/drain.ts";
import { ProviderAccountObject } from "./dispatch/provider-account.ts";
import { SweeperObject } from "./dispatch/sweeper.ts";
import { doInTurn } from "./lib/in-turn.ts";
import { SECOND } from "./lib/time.ts";
import { LogWriterObject } from "./messages/log-writer.ts";
import { ForgetterObject } from "./privacy/forgetter.ts";
import { KeeperObject } from "./privacy/keeper.ts";
import { ReceiptInboxObject } from "./receipts/inbox.ts";
import { seed } from "./seed.ts";
import { pollSenders } from "./senders/poll-senders.ts";
import { pollReviews } from "./templates/submit-template.ts";
import { PhoneNumberObject } from "./verifications/phone-number.ts";
import { WebhookEndpointObject } from "./webhooks/webhook-endpoint.ts";

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
    const { receiptLog, clock, logError, noteEnd, noteReceipt, keepScores, audience, ledger } =
      depsOf(env);
    const { noteDelivered } = audience;
    const notes = { noteEnd, noteReceipt, noteDelivered, keepNotes: keepScores };
    const { shards } = receiptLog;
    super(ctx, env, { shards, clock, ...notes, terms: ledger.terms, logError });
  }
}

export class ProviderAccount extends ProviderAccountObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).clock);
  }
}

export class Sweeper extends SweeperObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const { clock, dispatch, inbox, logError } = depsOf(env);
    super(ctx, env, {
      clock,
      logError,
      atLeastEveryMs: 5 * SECOND,
      sweep: async () => {
        await inbox.tend();
        return dispatch.sweep();
      },
    });
  }
}

/** Named `audit`: there is one. */
export class AuditLog extends AuditLogObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const { keys, clock, logError } = depsOf(env);
    super(ctx, env, { keys, clock, logError, checkpoints: env.AUDIT_CHECKPOINTS });
  }
}

/** Named `keeper`: there is one. */
export class Keeper extends KeeperObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).privacy.keeper);
  }
}

/** Named `forgetter-<n>`. */
export class Forgetter extends ForgetterObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).privacy.forgetter);
  }
}

/** Named by its endpoint. */
export class WebhookEndpoint extends WebhookEndpointObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).webhookEndpoints.objectDeps);
  }
}

/** Named `clock`: there is one. */
export class TriggerClock extends SweeperObject {
  constructor(ctx: DurableObjectState, env: Env) {
    const { clock, triggers, logError } = depsOf(env);
    // What is due by the minute finds it soon enough, and what has a time wakes it.
    super(ctx, env, { clock, logError, atLeastEveryMs: 15 * SECOND, sweep: triggers.tick });
  }
}

/** Named by its campaign. */
export class CampaignRunner extends CampaignRunnerObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).campaigns.runner);
  }
}

/** Named by its job. */
export class ImportJob extends ImportJobObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, depsOf(env).contacts.importJob);
  }
}

let app: ReturnType<typeof createApp> | null = null;

export default {
  fetch(request, env, ctx) {
    // Under a path of their own, so that no answer of the API waits for the assets.
    const path = request.url.slice(request.url.indexOf("/", "https://".length));
    if (path.startsWith("/docs/assets/")) return env.ASSETS.fetch(request);
    app ??= createApp(depsOf(env));
    return app.fetch(request, env, ctx);
  },
  async scheduled(_controller, env, ctx) {
    const deps = depsOf(env);
    const { clock, logError } = deps;
    const reviews = () => deps.reviews((work) => ctx.waitUntil(work));
    const pieces = {
      seed: () => seed(deps),
      // Its alarm re-arms itself; this starts it, and starts it again should it ever have stopped.
      dispatch: () => deps.dispatch.wakeAt(clock.now()),
      triggers: () => deps.triggers.wake(),
      campaigns: () => deps.campaigns.tick(),
      sandbox: () => deps.sandbox.forget(),
      people: () => deps.people.sweep(),
      webhooks: () => deps.webhookEndpoints.tend(),
      privacy: () => deps.privacy.daily(),
      audience: () => deps.audience.walk(),
      keys: () => deps.warnOfExpiry(),
      ledger: () => deps.ledger.tend(),
      insight: () => deps.insight.tend(),
      senders: async () => pollSenders(await reviews(), clock.now()),
      templates: async () => pollReviews(await reviews(), clock.now()),
    };
    await doInTurn(pieces, (piece, error) => {
      const why = error instanceof Error ? error.message : error;
      logError("minute-work-failed", { piece, message: String(why).split("\n", 1)[0] });
    });
  },
  async queue(batch, env) {
    await depsOf(env).dispatch.consume(batch);
  },
} satisfies ExportedHandler<Env, WakeUp>;

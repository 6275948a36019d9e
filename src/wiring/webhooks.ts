import type { AuditTrail } from "../audit/trail.ts";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { admitTarget, type TargetRules } from "../lib/target.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import { ChangeFeed } from "../messages/change-feed.ts";
import { type AttemptDeps, attemptEvent } from "../webhooks/attempt.ts";
import {
  type DisabledWhy,
  secretsAt,
  statusesOf,
  type WebhookEndpoint,
} from "../webhooks/endpoint.ts";
import { findEndpoint, pageEnabled, setDisabled } from "../webhooks/store.ts";
import {
  KEPT,
  type WebhookEndpointDeps,
  type WebhookEndpointStub,
  type WebhookEndpoints,
} from "../webhooks/webhook-endpoint.ts";

const TIMEOUT_MS = 15 * SECOND;
const WOKEN_AT_ONCE = 50;

interface Parts {
  readonly env: Pick<Env, "WEBHOOK_ENDPOINT" | "LOG_0" | "LOG_1">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly wallClock: () => number;
  readonly random: () => number;
  readonly isOpen: boolean;
  readonly targets: TargetRules;
  readonly audit: Pick<AuditTrail, "append">;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly tellOperators: (event: string, facts: object) => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** What goes out to storefronts' own servers, wired together. */
export function wireWebhooks(parts: Parts) {
  const { env, db, clock } = parts;
  const feeds = [env.LOG_0, env.LOG_1].map((binding) => new ChangeFeed(binding));
  // One generated stub type a call would cost more to check than the interface is worth.
  const object = (id: string) =>
    env.WEBHOOK_ENDPOINT.getByName(id) as unknown as WebhookEndpointStub;

  const wake = (id: string) =>
    object(id)
      .wake(id)
      .catch((error) => parts.logError("webhook-endpoint-stuck", error));

  const disable = async ({ id, storefront }: WebhookEndpoint, why: DisabledWhy) => {
    if (!(await setDisabled(db, id, why))) return;
    parts.tellOperators("webhook-endpoint-disabled", { endpoint: id, storefront, why });
    await parts.audit.append({
      requestId: null,
      actor: "system",
      actorName: null,
      action: "webhook_endpoints.disable",
      resource: { type: "webhook_endpoints", id },
      storefront,
      ip: null,
      summary: {},
    });
  };

  const objectDeps: WebhookEndpointDeps = {
    clock,
    feeds,
    disable,
    isOpen: parts.isOpen,
    random: parts.random,
    logError: parts.logError,
    find: (id) => findEndpoint(parts, id),
    attempts(endpoint) {
      let admitted: ReturnType<typeof admitTarget> | null = null;
      const attempt: AttemptDeps = {
        fetch: parts.fetch,
        wallClock: parts.wallClock,
        timeoutMs: TIMEOUT_MS,
        admit: (url) => (admitted ??= admitTarget(url, parts.targets)),
      };
      return (event) => {
        const secrets = secretsAt(endpoint, clock.now());
        return attemptEvent(attempt, { url: endpoint.url, secrets }, event);
      };
    },
  };

  const endpoints: WebhookEndpoints = {
    object,
    async listen({ id, storefront, events }) {
      const statuses = statusesOf(events);
      await Promise.all(feeds.map((feed) => feed.listen(id, storefront, statuses)));
    },
  };

  return {
    objectDeps,
    endpoints,
    /** For the minute's work: alarms re-arm themselves, and this starts one that ever stopped. */
    async tend(): Promise<void> {
      let after: string | undefined = "";
      while (after !== undefined) {
        const page = await pageEnabled(db, after, WOKEN_AT_ONCE);
        await Promise.all(page.map(wake));
        after = page.length < WOKEN_AT_ONCE ? undefined : page.at(-1);
      }
      const before = clock.wake(clock.now() - KEPT);
      await Promise.all(feeds.map((feed) => feed.prune(before)));
    },
  };
}

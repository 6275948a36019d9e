import { DurableObject } from "cloudflare:workers";
import { mapInLanes } from "../lib/lanes.ts";
import { type Clock, DAY, HOUR, SECOND } from "../lib/time.ts";
import type { ChangeFeed, ChangePage } from "../messages/change-feed.ts";
import { type Delivery, DeliveryStorage, type DueDelivery } from "./delivery-storage.ts";
import { type DisabledWhy, statusesOf, type WebhookEndpoint } from "./endpoint.ts";
import { timeOfEvent, toEvent, type WebhookEvent } from "./event.ts";
import { type Attempt, judgeAttempt } from "./retries.ts";

export interface WebhookEndpointDeps {
  readonly clock: Clock;
  /** False while nothing may leave. */
  readonly isOpen: boolean;
  /** By shard of the log. */
  readonly feeds: readonly ChangeFeed[];
  readonly find: (id: string) => Promise<WebhookEndpoint | null>;
  readonly disable: (endpoint: WebhookEndpoint, why: DisabledWhy) => Promise<void>;
  /** For the tries of one alarm, which judge the URL together. */
  readonly attempts: (
    endpoint: WebhookEndpoint,
  ) => (event: Pick<WebhookEvent, "id" | "body">) => Promise<Attempt>;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly logError: (event: string, error: unknown) => void;
}

/** What is handed over once more: a span of time, or one event. */
export type ReplayRequest =
  | { readonly after: number; readonly before: number }
  | { readonly event: string };

export interface WebhookEndpointStub {
  /** Makes sure that it looks after the endpoint of that id soon. */
  wake(id: string): Promise<void>;
  /** Enabled again: what waits is due. */
  resume(id: string): Promise<void>;
  /** False when there is no such event any more. */
  replay(id: string, wanted: ReplayRequest): Promise<boolean>;
  deliveries(below: string | undefined, limit: number): Promise<Delivery[]>;
}

/** The ways to the endpoints' objects and to what they read. */
export interface WebhookEndpoints {
  /** From now on the log keeps what it will be told of. */
  listen(endpoint: Pick<WebhookEndpoint, "id" | "storefront" | "events">): Promise<void>;
  object(id: string): WebhookEndpointStub;
}

/** How long changes can be replayed and deliveries are shown. */
export const KEPT = 4 * DAY;

const LOOK_EVERY = SECOND;
const SOON = 0.05 * SECOND;
/** Changes of one reading. While so many deliveries are due, the rest stays in the log. */
const PAGE = 100;
/** A Worker has six connections, and others need some. */
const LANES = 3;
const AT_ONCE = 50;

/**
 * Hands the changes of a storefront's messages over to one URL, at least once each and in no
 * particular order. Its alarm reads the log behind where it stopped; each event waits here until the
 * endpoint took it.
 */
export class WebhookEndpointObject extends DurableObject implements WebhookEndpointStub {
  readonly #deps: WebhookEndpointDeps;
  readonly #storage: DeliveryStorage;

  constructor(ctx: DurableObjectState, env: Env, deps: WebhookEndpointDeps) {
    super(ctx, env);
    this.#deps = deps;
    this.#storage = new DeliveryStorage(ctx.storage.sql);
  }

  async wake(id: string): Promise<void> {
    if (this.#storage.note("endpoint") !== id) this.#storage.setNote("endpoint", id);
    const at = this.#deps.clock.wake(this.#deps.clock.now() + SOON);
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  async resume(id: string): Promise<void> {
    this.#storage.setNote("failing-since", null);
    this.#storage.setNote("hold-until", null);
    this.#storage.hasten(this.#deps.clock.now());
    await this.wake(id);
  }

  async replay(id: string, wanted: ReplayRequest): Promise<boolean> {
    if ("event" in wanted) {
      const event = await this.#findEvent(id, wanted.event);
      if (!event) return false;
      this.#storage.add([event], this.#deps.clock.now());
    } else {
      this.#storage.addReplays(this.#deps.feeds.map((_, shard) => ({ ...wanted, shard, seq: 0 })));
    }
    await this.wake(id);
    return true;
  }

  async deliveries(below: string | undefined, limit: number): Promise<Delivery[]> {
    return this.#storage.page(below, limit);
  }

  override async alarm(): Promise<void> {
    const { clock, find, logError } = this.#deps;
    try {
      const endpoint = await find(String(this.#storage.note("endpoint")));
      if (!endpoint) return await this.#end();
      if (endpoint.disabled) return;
      if (this.#deps.isOpen) await this.#work(endpoint);
    } catch (error) {
      logError("webhook-endpoint-stuck", error);
    }
    const now = clock.now();
    const isBusy = this.#storage.hasDue(now, 1) && now >= this.#holdUntil();
    await this.ctx.storage.setAlarm(clock.wake(now + (isBusy ? SOON : LOOK_EVERY)));
  }

  async #work(endpoint: WebhookEndpoint): Promise<void> {
    await this.#read(endpoint);
    const now = this.#deps.clock.now();
    if (now < this.#holdUntil()) return;
    const attempt = this.#deps.attempts(endpoint);
    let left = false;
    await mapInLanes(this.#storage.due(now, AT_ONCE), LANES, async (delivery) => {
      if (!left) left = (await this.#handOver(endpoint, delivery, attempt)) === "leave";
    });
    if (Number(this.#storage.note("forgotten-at") ?? 0) + HOUR > now) return;
    this.#storage.forget(now - KEPT);
    this.#storage.setNote("forgotten-at", now);
  }

  /** Takes up what is new in the log, and what is to be replayed. */
  async #read(endpoint: WebhookEndpoint): Promise<void> {
    const { clock, feeds } = this.#deps;
    const isFull = () => this.#storage.hasDue(clock.now(), AT_ONCE);
    for (const [shard, feed] of feeds.entries()) {
      if (isFull()) return;
      const name = `read-${shard}`;
      const seq = Number(this.#storage.note(name) ?? 0);
      // Before its first reading there is no place in the log, so the time says what is its own.
      const after = clock.wake(endpoint.createdAt);
      const page = await feed.read({ ...wantedOf(endpoint), seq, after, before: null }, PAGE);
      if (page.seq === seq) continue;
      this.#take(page, shard, () => this.#storage.setNote(name, page.seq));
    }
    // One at a time: others wait for their turn.
    const [replay] = this.#storage.replays();
    if (!replay || isFull()) return;
    const [after, before] = [clock.wake(replay.after), clock.wake(replay.before)];
    const range = { ...wantedOf(endpoint), seq: replay.seq, after, before };
    const page = await feeds[replay.shard]?.read(range, PAGE);
    if (!page) return this.#storage.advance(replay, null);
    this.#take(page, replay.shard, () =>
      this.#storage.advance(replay, page.isLast ? null : page.seq),
    );
  }

  /** The events and how far they were read, in one commit. */
  #take(page: ChangePage, shard: number, advance: () => void): void {
    const { clock } = this.#deps;
    this.ctx.storage.transactionSync(() => {
      const events = page.changes.map((one) => toEvent(one, shard, clock.unwake(one.at)));
      this.#storage.add(events, clock.now());
      advance();
    });
  }

  async #handOver(
    endpoint: WebhookEndpoint,
    delivery: DueDelivery,
    attempt: (event: DueDelivery) => Promise<Attempt>,
  ): Promise<"go on" | "leave"> {
    const { clock, disable, random } = this.#deps;
    const done = await attempt(delivery);
    const now = clock.now();
    const failingSince = this.#storage.note("failing-since");
    const judged = judgeAttempt(done, {
      attempts: delivery.attempts + 1,
      firstAt: delivery.firstAt ?? now,
      failingSince: failingSince === null ? null : Number(failingSince),
      now,
      chance: random(),
    });
    this.ctx.storage.transactionSync(() => {
      this.#storage.settle(delivery, done, judged, now);
      if (judged.failingSince !== failingSince) {
        this.#storage.setNote("failing-since", judged.failingSince);
      }
      if (judged.holdUntil !== null) this.#storage.setNote("hold-until", judged.holdUntil);
    });
    if (judged.disable) await disable(endpoint, judged.disable);
    return judged.disable || judged.holdUntil !== null ? "leave" : "go on";
  }

  /** Its id names the moment, and the log of that moment has it. */
  async #findEvent(id: string, wanted: string): Promise<WebhookEvent | null> {
    const { clock, feeds, find } = this.#deps;
    const at = timeOfEvent(wanted);
    const endpoint = at === null ? null : await find(id);
    if (at === null || !endpoint) return null;
    const [after, before] = [clock.wake(at), clock.wake(at + 1)];
    for (const [shard, feed] of feeds.entries()) {
      let page: ChangePage | null = null;
      while (!page?.isLast) {
        const seq = page?.seq ?? 0;
        page = await feed.read({ ...wantedOf(endpoint), seq, after, before }, AT_ONE_MOMENT);
        const events = page.changes.map((one) => toEvent(one, shard, clock.unwake(one.at)));
        const event = events.find((one) => one.id === wanted);
        if (event) return event;
      }
    }
    return null;
  }

  /** The endpoint is gone: nobody listens, and nothing of it stays. */
  async #end(): Promise<void> {
    const id = String(this.#storage.note("endpoint"));
    await Promise.all(this.#deps.feeds.map((feed) => feed.unlisten(id)));
    await this.ctx.storage.deleteAll();
  }

  #holdUntil(): number {
    return Number(this.#storage.note("hold-until") ?? 0);
  }
}

/** Changes that one statement makes all have its time. */
const AT_ONE_MOMENT = 1_000;

const wantedOf = ({ storefront, events }: WebhookEndpoint) => ({
  storefront,
  statuses: statusesOf(events),
});

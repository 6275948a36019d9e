import type { Lifecycle } from "./filter.ts";
import { type LifecycleSettings, type Purchases, stageOf } from "./life.ts";

/** A contact as his stage of life is told by. */
export interface Staged extends Purchases {
  readonly id: string;
  readonly storefront: string;
  /** Null: the first. */
  readonly lifecycle: Lifecycle | null;
  /** When the stage began; null in the first. */
  readonly lifecycleAt: number | null;
}

export interface Transition {
  readonly contact: string;
  readonly from: Lifecycle;
  readonly to: Lifecycle;
  readonly at: number;
}

/** An event that tells of a transition. */
export interface TransitionEvent {
  readonly id: string;
  readonly name: "lifecycle.changed";
  readonly contact: string;
  readonly data: { readonly from: Lifecycle; readonly to: Lifecycle };
  readonly occurredAt: number;
}

export interface RestageDeps {
  readonly clock: { now(): number };
  readonly settingsOf: (storefront: string) => Promise<LifecycleSettings>;
  /** Has its effect once an id. */
  readonly publish: (storefront: string, events: readonly TransitionEvent[]) => Promise<void>;
  readonly save: (transitions: readonly Transition[]) => Promise<void>;
}

/**
 * Moves contacts to the stages that they are in by now. The event goes first, under an id made of
 * the stage that ends: whoever repeats this after a crash tells nobody twice.
 */
export async function restage(deps: RestageDeps, contacts: readonly Staged[]): Promise<void> {
  const now = deps.clock.now();
  for (const [storefront, own] of Map.groupBy(contacts, (one) => one.storefront)) {
    const settings = await deps.settingsOf(storefront);
    const moved = own.flatMap((one) => {
      const from = one.lifecycle ?? "new";
      const to = stageOf(one, settings, now);
      return from === to ? [] : { contact: one.id, since: one.lifecycleAt ?? 0, from, to };
    });
    if (moved.length === 0) continue;
    const events = moved.map(({ contact, since, from, to }) => ({
      id: `lifecycle:${contact}:${to}:${since}`,
      name: "lifecycle.changed" as const,
      contact,
      data: { from, to },
      occurredAt: now,
    }));
    await deps.publish(storefront, events);
    await deps.save(moved.map(({ since, ...transition }) => ({ ...transition, at: now })));
  }
}

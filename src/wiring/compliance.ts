import { frameOf, framesFor } from "../compliance/opt-out-text.ts";
import type { PermissionDeps, PermissionKeeper } from "../compliance/permissions/change.ts";
import { type PoliciesPatch, type Policy, policyOf } from "../compliance/policies.ts";
import { OpenTimes } from "../compliance/quiet-hours.ts";
import { readPolicies, replacePolicies } from "../compliance/store.ts";
import { placesOf } from "../contacts/store.ts";
import { zoneOf } from "../contacts/zone.ts";
import { changeStored } from "../db/change-stored.ts";
import type { Database } from "../db/client.ts";
import type { PolicyOf } from "../dispatch/leave.ts";
import type { IdPrefix } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import type { Phone } from "../phone/e164.ts";
import { keepsList } from "../providers/tell-opt-outs.ts";
import { numberKey } from "../routing/route-context.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Frame } from "../templates/frame.ts";
import type { Configuration } from "./configuration.ts";

interface Parts {
  readonly env: Pick<Env, "PHONE">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly newId: (prefix: IdPrefix) => string;
  readonly wait: (ms: number) => Promise<void>;
  readonly configuration: () => Promise<Configuration>;
  readonly changed: () => void;
}

/** The policies, and what each number's owner allows, wired together. */
export function wireCompliance(parts: Parts) {
  const { env, db, keys, clock, newId, wait } = parts;
  const permissions: PermissionDeps = {
    db,
    keys,
    clock,
    newId,
    wait,
    lists: async () =>
      (await parts.configuration()).accounts
        .filter((one) => one.enabled && keepsList(one))
        .map((one) => ({ account: one.id, provider: one.provider.id })),
    // One generated stub type a call would cost more to check than the interface is worth.
    keeper: (e164) => env.PHONE.getByName(numberKey(keys, e164)) as unknown as PermissionKeeper,
  };
  const known = new WeakMap<Configuration["policies"], Map<string, Policy>>();
  /** Worked out once for all texts that go by it. */
  const policyIn = ({ policies }: Pick<Configuration, "policies">): PolicyOf => {
    const held = known.get(policies) ?? new Map<string, Policy>();
    known.set(policies, held);
    return ({ storefront, category, country }) => {
      const key = `${storefront} ${category} ${country}`;
      const policy = held.get(key) ?? policyOf(policies.get(storefront) ?? {}, category, country);
      held.set(key, policy);
      return policy;
    };
  };

  return {
    permissions,
    openTimes: new OpenTimes(),
    policies: async (): Promise<PolicyOf> => policyIn(await parts.configuration()),
    /** What stands around an offer as it leaves to a country. */
    frameOf:
      (configuration: Configuration) =>
      (storefront: string, country: string, body: string): Frame =>
        frameOf(body, policyIn(configuration)({ storefront, category: "marketing", country })),
    /** The frames of an offer, for the countries that the storefront serves. */
    framesOf: (configuration: Configuration) => (storefront: string, body: string) => {
      const policy = policyIn(configuration);
      const settings = configuration.verificationSettings.get(storefront);
      return framesFor(body, settings?.allowed_countries ?? [], (country) =>
        policy({ storefront, category: "marketing", country }),
      );
    },
    /** Where the owners of numbers may be. */
    async people(storefront: Storefront, phones: readonly Phone[]) {
      const numbers = phones.map(({ e164 }) => e164);
      const places = await placesOf({ db, keys }, storefront.id, numbers);
      return new Map(
        phones.map(({ e164, country }) => {
          const place = places.get(e164);
          const zone = zoneOf({
            e164,
            country,
            storefront: storefront.timezone,
            profile: place?.timezone,
            city: place?.city,
          });
          const zones = zone.zones ?? [zone.zone];
          return [e164, { zones, locale: place?.locale ?? null }] as const;
        }),
      );
    },
    async changePolicies(storefront: string, change: (own: PoliciesPatch) => PoliciesPatch) {
      const own = await changeStored(
        {
          read: () => readPolicies(db, storefront),
          replace: (before, next) => replacePolicies(db, storefront, before, next),
        },
        (stored) => change(stored ?? {}),
      );
      parts.changed();
      return own;
    },
  };
}

export type Compliance = ReturnType<typeof wireCompliance>;

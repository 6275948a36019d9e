import { type Engaged, noteEngagements } from "../audience/engage.ts";
import type { Config } from "../config.ts";
import { findContacts } from "../contacts/store.ts";
import { type RecordConversionDeps, recordConversion } from "../conversions/record-conversion.ts";
import {
  changeWindows,
  findConversion,
  insertConversion,
  pageConversions,
  readWindows,
} from "../conversions/store.ts";
import type { ConversionWays } from "../conversions/ways.ts";
import type { Database } from "../db/client.ts";
import type { PersonalizeDeps } from "../dispatch/personalize.ts";
import { Gatherer } from "../lib/gather.ts";
import type { IdPrefix } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import { createLinks } from "../links/create-links.ts";
import type { Click, NewLink } from "../links/link.ts";
import { type OpenLinkDeps, settleDoubts } from "../links/open-link.ts";
import { findLink, insertLinks, lastClicked, recordClicks } from "../links/store.ts";
import { VisitsUnderway } from "../links/visits-underway.ts";
import type { LinkWays } from "../links/ways.ts";
import { type MessageLog, shardOf } from "../messages/log.ts";
import { signalsOf } from "../products/signals.ts";
import { noteSignals, pageProducts, recommendProducts, saveProducts } from "../products/store.ts";
import type { ProductWays } from "../products/ways.ts";
import { sandbox } from "../providers/sandbox.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { ProductEvent } from "../triggers/send-occasions.ts";
import type { Configuration } from "./configuration.ts";

/** Visits of so long are written together. */
const CLICK_GATHER_MS = 200;
/** Offers of one number that are looked through for the one that led to an order. */
const MOST_OFFERS = 50;

interface Parts {
  readonly config: Pick<Config, "PUBLIC_ORIGIN" | "RUNS_ON">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly log: MessageLog;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly newId: (prefix: IdPrefix) => string;
  readonly wallClock: () => number;
  readonly configuration: () => Promise<Configuration>;
  readonly logError: (event: string, error: unknown) => void;
}

type Later = (work: Promise<unknown>) => void;

/** A link without a recipient says of nobody that he clicked. */
const toEngaged = ({ storefront, toIndex, kind, at }: Click): Engaged[] =>
  kind === "person" && toIndex !== null
    ? [{ storefront, numbers: [toIndex], kind: "clicked", at }]
    : [];

/** Short links, the orders that they lead to and the products that they show, wired together. */
export function wireLinks(parts: Parts) {
  const { config, db, keys, clock, log, randomBytes, configuration, logError } = parts;
  const store = { db, keys };

  const create = (wanted: readonly NewLink[]) =>
    createLinks({ randomBytes, insert: (rows) => insertLinks(store, rows, clock.now()) }, wanted);

  // On one's own machine a shop's domain leads elsewhere, or nowhere.
  const urlOf: LinkWays["urlOf"] = ({ domain }, code) => {
    const origin = config.RUNS_ON === "cloudflare" ? `https://${domain}` : config.PUBLIC_ORIGIN;
    return new URL(`/l/${code}`, origin).href;
  };

  const shorten: PersonalizeDeps["shorten"] = async (storefront, wanted) =>
    (await create(wanted)).map((code) => ({ code, url: urlOf(storefront, code) }));

  const recommend: PersonalizeDeps["recommend"] = (storefront, numbers) =>
    recommendProducts(
      db,
      storefront,
      numbers.map((e164) => ({ key: e164, numbers: keys.blindIndexes(e164) })),
    );

  /** Where a shard fails its texts' visits are no person's, and all others count as they are. */
  async function arrivalsOf(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const parts = await Promise.all(
      log.shards.map(async (shard, index) => {
        const own = ids.filter((id) => shardOf(id, log.shards.length) === index);
        if (own.length === 0) return [];
        return shard.arrivals(own).catch((error: unknown) => {
          logError("arrivals-not-read", error);
          return [];
        });
      }),
    );
    return new Map(parts.flat().map(({ id, at }) => [id, at]));
  }

  async function record(gathered: readonly Click[]): Promise<void> {
    const settled = await settleDoubts(gathered, arrivalsOf);
    await recordClicks(db, settled);
    await noteEngagements(db.$client, settled.flatMap(toEngaged));
  }

  const visits = new Gatherer<Click>(
    record,
    { waitMs: CLICK_GATHER_MS, most: 1_000 },
    parts.wallClock,
  );

  const underway = new VisitsUnderway();

  const opening = (later: Later): OpenLinkDeps => ({
    now: clock.now,
    find: (code) => findLink(store, code),
    async homeOf(id) {
      const { storefronts } = await configuration();
      const home = storefronts.find((one) => one.id === id);
      return home ? `https://${home.domain}/` : config.PUBLIC_ORIGIN;
    },
    // Behind the answer: nobody waits for a figure, and one that a crash takes is one figure less.
    note: (click) => {
      const written = visits
        .add([click])
        .catch((error: unknown) => logError("clicks-not-recorded", error));
      underway.add(click.toIndex, written);
      later(written);
    },
  });

  const recording: RecordConversionDeps = {
    now: clock.now,
    newId: () => parts.newId("cnv"),
    windowsOf: (storefront) => readWindows(db, storefront),
    find: (storefront, orderId) => findConversion(store, storefront, orderId),
    async lastClicked({ storefront, to }, time) {
      const numbers = keys.blindIndexes(to);
      await underway.settled(numbers);
      return lastClicked(db, storefront, numbers, time);
    },
    async delivered({ storefront, to }) {
      const offers = await log.list(
        {
          storefront,
          numbers: keys.blindIndexes(to),
          category: "marketing",
          status: "delivered",
        },
        MOST_OFFERS,
      );
      // What a test key sends reaches nobody, so nobody buys for it.
      const real = offers.filter(({ provider }) => provider !== sandbox.id);
      return real.map(({ id: message, campaign, variant, deliveredAt }) => ({
        message,
        campaign,
        variant,
        at: deliveredAt ?? 0,
      }));
    },
    insert: (conversion) => insertConversion(store, conversion),
  };

  /** Whose events they are: the number's, or that of the contact that they name. */
  async function learn(storefront: string, told: readonly ProductEvent[]): Promise<void> {
    const heard = told
      .map((event) => ({ ...event, signals: signalsOf(event) }))
      .filter(({ signals }) => signals.length > 0);
    const ids = heard.flatMap(({ toIndex, contact }) => (toIndex === null ? (contact ?? []) : []));
    const contacts = await findContacts(store, storefront, { ids, numbers: [] });
    const indexOf = (id: string | null): string | null => {
      const contact = contacts.find((one) => one.id === id);
      return contact ? keys.blindIndex(contact.to) : null;
    };
    await noteSignals(
      db,
      storefront,
      heard.map(({ toIndex, contact, signals }) => ({
        signals,
        toIndex: toIndex ?? indexOf(contact),
      })),
    );
  }

  const links: LinkWays = {
    urlOf,
    find: (code) => findLink(store, code),
    async create(link) {
      const [code] = await create([link]);
      if (code === undefined) throw new Error("a link was lost");
      return code;
    },
  };
  const conversions: ConversionWays = {
    record: (order) => recordConversion(recording, order),
    page: (filter, limit) => pageConversions(store, filter, limit),
    windowsOf: (storefront) => readWindows(db, storefront),
    changeWindows: (storefront, change) => changeWindows(db, storefront, change),
  };
  const products: ProductWays = {
    save: (storefront, rows) => saveProducts(db, storefront, rows),
    page: (storefront, after, limit) => pageProducts(db, storefront, after, limit),
  };

  return {
    opening,
    /** What stands before the code of a storefront's short links. */
    prefixOf: (storefronts: readonly Storefront[], id: string): string =>
      urlOf(storefronts.find((one) => one.id === id) ?? { domain: "" }, ""),
    personal: { recommend, shorten } satisfies PersonalizeDeps,
    /** As `shorten`, of texts that reach no handset: no order is ever put down to them. */
    shortenUnknown: ((storefront, wanted) =>
      shorten(
        storefront,
        wanted.map((link) => ({ ...link, toIndex: null })),
      )) satisfies PersonalizeDeps["shorten"],
    services: (later: Later) => ({
      links,
      conversions,
      products,
      noteProducts: (storefront: string, told: readonly ProductEvent[]) =>
        later(
          learn(storefront, told).catch((error: unknown) => logError("products-not-noted", error)),
        ),
    }),
  };
}

import { ownOrigins } from "../access/origin.ts";
import type { Principal } from "../access/principal.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { type Clock, DAY } from "../lib/time.ts";

interface Parts {
  readonly clock: Clock;
  readonly config: { readonly PUBLIC_ORIGIN: string };
  readonly audit: Pick<AuditTrail, "append">;
  readonly tell: (event: string, facts: object) => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** A key is told of again after this, in case nobody did anything. */
const TELL_AGAIN = DAY;

/**
 * Keys belong on servers. One that comes with an `Origin` was sent by a page, where everybody can
 * read it; it goes on working, for the shop would stand still otherwise.
 */
export function watchBrowserKeys({ clock, config, audit, tell, logError }: Parts) {
  const own = ownOrigins(config.PUBLIC_ORIGIN);
  const toldAt = new Map<string, number>();
  return (
    { id, key, storefront }: Pick<Principal, "id" | "key" | "storefront">,
    origin: string,
    later: (work: Promise<unknown>) => void,
  ): void => {
    const now = clock.now();
    const told = toldAt.get(id);
    if (own.includes(origin) || (told !== undefined && now - told < TELL_AGAIN)) return;
    toldAt.set(id, now);
    tell("key-in-browser", { key: id, storefront, origin: origin.slice(0, 200) });
    const entry = {
      requestId: null,
      actor: id,
      actorName: key?.name ?? null,
      action: "api_keys.seen_in_browser",
      resource: { type: "api_keys", id },
      storefront,
      ip: null,
      summary: {},
    };
    later(audit.append(entry).catch((error) => logError("key-in-browser-not-entered", error)));
  };
}

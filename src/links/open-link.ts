import { isLinkCode } from "./code.ts";
import type { Click, Link } from "./link.ts";
import { isHandset, isScan, visitorOf } from "./visitor.ts";

export interface OpenLinkDeps {
  readonly now: () => number;
  readonly find: (code: string) => Promise<Link | null>;
  /** Where a storefront's own pages are. */
  readonly homeOf: (storefront: string) => Promise<string>;
  readonly note: (click: Click) => void;
}

/** Where a code leads, or null for one that nobody gave out. A link whose time is over leads home. */
export async function openLink(
  deps: OpenLinkDeps,
  code: string,
  visit: Pick<Request, "method" | "headers">,
): Promise<string | null> {
  const link = isLinkCode(code) ? await deps.find(code) : null;
  if (!link) return null;
  const at = deps.now();
  if (link.expiresAt !== null && link.expiresAt <= at) return deps.homeOf(link.storefront);
  const kind = visitorOf(visit);
  const isSure =
    kind !== "person" ||
    link.clickedAt !== null ||
    isHandset(visit.headers.get("User-Agent") ?? "");
  const { storefront, toIndex, message } = link;
  deps.note({ code, kind, at, storefront, toIndex, inDoubt: isSure ? null : message });
  return link.target;
}

/** The visits with those that were a scanner's called so. */
export async function settleDoubts(
  visits: readonly Click[],
  arrivalsOf: (messages: readonly string[]) => Promise<ReadonlyMap<string, number>>,
): Promise<Click[]> {
  const doubted = new Set(visits.flatMap(({ inDoubt }) => inDoubt ?? []));
  const arrivals = doubted.size > 0 ? await arrivalsOf([...doubted]) : new Map<string, number>();
  return visits.map((visit) =>
    visit.inDoubt !== null && isScan(visit.at, arrivals.get(visit.inDoubt) ?? null)
      ? { ...visit, kind: "bot" }
      : visit,
  );
}

import { type Composed, valuesIn } from "./compose.ts";
import type { Hit } from "./finding.ts";
import { overlaps, type Span, spanOf } from "./fold.ts";

/** Endings that people type without a scheme and that phones make into links. */
const ENDINGS = [
  ..."com cn net org top xyz vip shop club site online store info biz cc tv me io co ltd".split(
    " ",
  ),
  ..."link work fun pro app dev ink wang mobi asia hk tw sg jp kr uk us ru in ly gl gd".split(" "),
  ..."中国 公司 网络 网址 商城 集团".split(" "),
].join("|");

const WITH_SCHEME = /https?:\/\/([^\s/?#\\]*)/g;
const BARE = new RegExp(
  `(?<![a-z0-9.-])((?:[a-z0-9-]+[.。])+(?:${ENDINGS}))(?![a-z0-9-]|[.。][a-z0-9])`,
  "g",
);
/** The two that are worth hiding with blanks; with more of them sentences would be links. */
const SPREAD = /(?<![a-z0-9-])([a-z0-9-]+\s*[.。]\s*(?:c\s*o\s*m|c\s*n))(?![a-z0-9])/g;

/** Who is called, without user, port and blanks. */
function hostOf(written: string): string {
  const host = written.replace(/\s/g, "").replaceAll("。", ".");
  return host.slice(host.lastIndexOf("@") + 1).replace(/:\d*$/, "");
}

const isOf = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`);

/**
 * Links to hosts that are nobody's we know, and every link whose host is, in part, a value that is
 * not declared as a URL. What follows the host may vary: an order's page is the same link.
 */
export function findLinks(composed: Composed, domains: readonly string[]): Hit[] {
  const { folded, pieces } = composed;
  const isForeign = (span: Span, host: string): boolean => {
    if (valuesIn(composed, span).some((piece) => piece.variable?.type !== "url")) return true;
    const isWritten = pieces.some((piece) => piece.variable === null && overlaps(piece, span));
    return isWritten && !domains.some((domain) => isOf(host, domain));
  };
  return [WITH_SCHEME, BARE, SPREAD].flatMap((pattern) =>
    [...folded.text.matchAll(pattern)]
      .map((match) => ({
        span: spanOf(folded, match.index, match.index + match[0].length),
        host: hostOf(match[1] ?? ""),
      }))
      .filter(({ span, host }) => isForeign(span, host))
      .map(({ span }): Hit => ({ kind: "link", severity: "refuse", ...span })),
  );
}

/** GSM 03.38: what a text may hold to go out in seven bits a character. */
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/** These take two septets: an escape before them. */
const EXTENDED = "^{}\\[~]|€\f";

const SEPTETS: ReadonlyMap<string, number> = new Map([
  ...[...BASIC].map((char) => [char, 1] as const),
  ...[...EXTENDED].map((char) => [char, 2] as const),
]);

const LIMITS = {
  gsm7: { single: 160, joined: 153 },
  ucs2: { single: 70, joined: 67 },
} as const;

/** What writes the same in GSM-7 where Unicode's own compatibility forms don't say it. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ...[..."‘’‚‛′´`"].map((char) => [char, "'"] as const),
  ...[..."“”„‟″«»"].map((char) => [char, '"'] as const),
  ...[..."‐‑‒–—―−•"].map((char) => [char, "-"] as const),
  ...[..."\u200b\u2060\ufeff\u00ad"].map((char) => [char, ""] as const),
  ["。", "."],
  ["、", ","],
  ["\t", " "],
]);

/** A character that takes the text out of GSM-7. */
export interface Culprit {
  readonly char: string;
  /** In code units, from the start of the text. */
  readonly index: number;
  readonly replacement?: string;
}

export interface TextMeasure {
  readonly encoding: "gsm7" | "ucs2";
  /** Septets, or code units of UCS-2; on the mainland characters, each of them one. */
  readonly length: number;
  readonly segments: number;
}

function replacementFor(char: string): string | undefined {
  const alike = LOOKALIKES.get(char) ?? char.normalize("NFKC");
  return [...alike].every((one) => SEPTETS.has(one)) ? alike : undefined;
}

/** Every character that GSM-7 lacks, where it stands and, if there is one, what writes the same. */
export function findCulprits(text: string): Culprit[] {
  const culprits: Culprit[] = [];
  let index = 0;
  for (const char of text) {
    if (!SEPTETS.has(char)) {
      const replacement = replacementFor(char);
      culprits.push({ char, index, ...(replacement === undefined ? {} : { replacement }) });
    }
    index += char.length;
  }
  return culprits;
}

function isGsm7(text: string): boolean {
  for (const char of text) if (!SEPTETS.has(char)) return false;
  return true;
}

/** Fills segments one after the other; a character that does not fit whole opens the next. */
function countPacked(widths: readonly number[], most: number): number {
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > most) {
      segments++;
      used = 0;
    }
    used += width;
  }
  return segments;
}

/**
 * What a text is billed as, its signature included. The mainland counts characters, 70 in one
 * segment and 67 in each of several, whatever the encoding.
 */
export function measureText(text: string, region: { readonly mainland: boolean }): TextMeasure {
  const encoding = isGsm7(text) ? "gsm7" : "ucs2";
  const { single, joined } = LIMITS[region.mainland ? "ucs2" : encoding];
  if (region.mainland) {
    const segments = text.length <= single ? 1 : Math.ceil(text.length / joined);
    return { encoding, length: text.length, segments };
  }
  const widths = [...text].map((char) =>
    encoding === "gsm7" ? (SEPTETS.get(char) ?? 0) : char.length,
  );
  const length = widths.reduce((sum, width) => sum + width, 0);
  return { encoding, length, segments: length <= single ? 1 : countPacked(widths, joined) };
}

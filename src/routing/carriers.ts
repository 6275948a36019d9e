/** China Mobile, China Unicom, China Telecom, China Broadnet. */
export const CARRIERS = ["mobile", "unicom", "telecom", "broadnet"] as const;
export type Carrier = (typeof CARRIERS)[number];

export interface CarrierGuess {
  /** Whose network the prefix was given to. */
  readonly carrier: Carrier;
  /** Sold by a virtual operator over that network. */
  readonly virtual: boolean;
  /** Numbers move between carriers and keep their prefix (携号转网); no public source tells which did. */
  readonly ported: "unknown";
}

/**
 * The mainland's mobile prefixes by carrier. Numbers of things (140, 141, 144) have thirteen
 * digits and take no texts; 1349 and 17400–17405 are Telecom's satellite phones, and the rest of
 * 174 belongs to emergency services.
 */
const NETWORKS: Record<Carrier, string> = {
  mobile:
    "1340-1348 135-139 147 148 150-152 157-159 165 1703 1705 1706 172 178 182-184 187 188 195 197 198",
  unicom: "130-132 145 146 155 156 166 167 1704 1707-1709 171 175 176 185 186 196",
  telecom: "133 1349 149 153 162 1700-1702 173 17400-17405 177 180 181 189-191 193 199",
  broadnet: "192",
};

const VIRTUAL = "162 165 167 170 171";

/** `1340-1348` as each prefix of the range. */
function spread(ranges: string): string[] {
  return ranges.split(" ").flatMap((range) => {
    const [first = "", last = first] = range.split("-");
    const count = Number(last) - Number(first) + 1;
    return Array.from({ length: count }, (_, index) => String(Number(first) + index));
  });
}

const VIRTUAL_PREFIXES = new Set(spread(VIRTUAL));

const PREFIXES: ReadonlyMap<string, CarrierGuess> = new Map(
  CARRIERS.flatMap((carrier) =>
    spread(NETWORKS[carrier]).map((prefix) => [
      prefix,
      { carrier, virtual: VIRTUAL_PREFIXES.has(prefix.slice(0, 3)), ported: "unknown" },
    ]),
  ),
);

/** The carrier that a mainland mobile number was first given to; null for any other number. */
export function carrierOf(e164: string): CarrierGuess | null {
  const digits = /^\+86(1\d{10})$/.exec(e164)?.[1];
  if (!digits) return null;
  for (const length of [3, 4, 5]) {
    const guess = PREFIXES.get(digits.slice(0, length));
    if (guess) return guess;
  }
  return null;
}

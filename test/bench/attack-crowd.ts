/** One who asks for a code, once. */
export interface Caller {
  readonly to: string;
  readonly ip: string;
  readonly kind: "attacker" | "solver" | "customer" | "newcomer";
}

export interface Crowd {
  readonly callers: readonly Caller[];
  /** Numbers that typed in a code before the attack. */
  readonly known: readonly string[];
}

export const ATTACKED = 5;
const ATTACKERS = 10_000;
const ATTACK_ADDRESSES = 500;
/** Attackers of which one can solve a challenge. */
const SOLVES = 10;
const ELSEWHERE = 800;
const KNOWN = 195;
const NEWCOMERS = 5;
/** Good users of which one shares an address with attackers. */
const SHARES = 20;

/** The same numbers at every run; Lehmer's generator. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}

const address = (net: number, host: number) =>
  `198.${net}.${Math.floor(host / 250)}.${(host % 250) + 1}`;
const prefixOf = (n: number) => `+86138${String(n).padStart(4, "0")}`;
const numberOf = (prefix: string, line: number) => prefix + String(line).padStart(4, "0");

/** Attackers on five prefixes, and good users: most elsewhere, some of them right among the attackers. */
export function gatherCrowd(seed: number): Crowd {
  const random = seededRandom(seed);
  const lines = Array.from({ length: ATTACKED }, () =>
    shuffled(
      Array.from({ length: 10_000 }, (_, line) => line),
      random,
    ),
  );
  const attacked = (i: number): string => {
    const prefix = i % ATTACKED;
    return numberOf(prefixOf(prefix), lines[prefix]?.pop() ?? 0);
  };
  const attackers = Array.from(
    { length: ATTACKERS },
    (_, i): Caller => ({
      to: attacked(i),
      ip: address(18, i % ATTACK_ADDRESSES),
      kind: Math.floor(i / ATTACKED) % SOLVES === 0 ? "solver" : "attacker",
    }),
  );
  const known = Array.from({ length: KNOWN }, (_, i) => attacked(i));
  // Twice as many as there are prefixes, so the second half has the odd lines.
  const lineElsewhere = (i: number) => Math.floor(random() * 5_000) * 2 + Math.floor(i / 400);
  const good = [
    ...Array.from({ length: ELSEWHERE }, (_, i) =>
      numberOf(prefixOf(100 + (i % 400)), lineElsewhere(i)),
    ),
    ...known,
  ];
  const newcomers = Array.from({ length: NEWCOMERS }, (_, i) => attacked(i));
  const person =
    (kind: Caller["kind"]) =>
    (to: string, i: number): Caller => {
      const shares = i % SHARES === 0;
      const host = shares ? Math.floor(random() * ATTACK_ADDRESSES) : i;
      return { to, ip: address(shares ? 18 : 19, host), kind };
    };
  const customers = good.map(person("customer"));
  return {
    callers: shuffled(
      [...attackers, ...customers, ...newcomers.map((to, i) => person("newcomer")(to, i + 1))],
      random,
    ),
    known,
  };
}

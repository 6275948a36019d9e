/** Both ends of what a share, or a difference of two, may truly be. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** So many of so many. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

/** Of 95 %, two-sided. */
export const Z95 = 1.959963984540054;

/** `1 - erf(x)`: the series near zero, the continued fraction where it converges. */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - 2 * scale * sum;
  }
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return scale / fraction;
}

/** Where a standard normal value lies below with probability `p`. */
export function normalQuantile(p: number): number {
  let low = -40;
  let high = 40;
  // Halved until two neighbours are left.
  for (let step = 0; step < 64; step++) {
    const middle = (low + high) / 2;
    if (erfc(-middle / Math.SQRT2) / 2 < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** How probable chance alone makes a chi-square of at least `x`. */
export function chiSquareTail(x: number, degrees: number): number {
  if (x <= 0) return 1;
  const half = x / 2;
  const isOdd = degrees % 2 === 1;
  let tail = isOdd ? erfc(Math.sqrt(half)) : Math.exp(-half);
  let term = isOdd ? 2 * Math.sqrt(half / Math.PI) * Math.exp(-half) : half * Math.exp(-half);
  // Γ(a + 1, x) from Γ(a, x), two degrees at a time.
  for (let a = isOdd ? 1.5 : 2; a <= degrees / 2; a++) {
    tail += term;
    term *= half / a;
  }
  return Math.min(1, tail);
}

/** Wilson's score interval of a share; nothing seen: it may be anything. */
export function wilson({ hits, of }: Share, z = Z95): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = hits / of;
  const middle = share + (z * z) / (2 * of);
  const reach = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return {
    low: hits === 0 ? 0 : (middle - reach) / scale,
    high: hits === of ? 1 : (middle + reach) / scale,
  };
}

/** By how much the share of `a` is above that of `b`: Newcombe's hybrid of two score intervals. */
export function newcombe(a: Share, b: Share, z = Z95): Interval & { readonly difference: number } {
  const [p, q] = [a, b].map(({ hits, of }) => (of === 0 ? 0 : hits / of)) as [number, number];
  const [one, other] = [wilson(a, z), wilson(b, z)];
  const difference = p - q;
  return {
    difference,
    low: difference - Math.hypot(p - one.low, other.high - q),
    high: difference + Math.hypot(one.high - p, q - other.low),
  };
}

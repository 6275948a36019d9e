/** An amount as the API writes it: a decimal string and an ISO 4217 code. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** What counts as an amount: no sign, no exponent, at most eight decimals. */
export const DECIMAL = /^\d{1,12}(\.\d{1,8})?$/;

/** A decimal as whole units of its last place. */
function parse(amount: string): { readonly units: bigint; readonly places: number } {
  if (!DECIMAL.test(amount)) throw new Error("not a decimal amount");
  const [whole = "", part = ""] = amount.split(".");
  return { units: BigInt(whole + part), places: part.length };
}

function write(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  return places === 0 ? whole : `${whole}.${digits.slice(digits.length - places)}`;
}

/** Below, at or above zero as `a` is below, equal to or above `b`; exact. */
export function compareDecimal(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  const places = Math.max(left.places, right.places);
  const difference =
    left.units * 10n ** BigInt(places - left.places) -
    right.units * 10n ** BigInt(places - right.places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Exact: `0.045` and `0.5` are `0.545`. */
export function addDecimal(a: string, b: string): string {
  const left = parse(a);
  const right = parse(b);
  const places = Math.max(left.places, right.places);
  const sum =
    left.units * 10n ** BigInt(places - left.places) +
    right.units * 10n ** BigInt(places - right.places);
  return write(sum, places);
}

/** Exact; keeps the amount's decimals: `0.045` × 2 is `0.090`. */
export function multiplyMoney(money: Money, times: number): Money {
  const { units, places } = parse(money.amount);
  return { amount: write(units * BigInt(times), places), currency: money.currency };
}

/** To four decimals, half up; `by` is whole and above zero. */
export function divideMoney({ amount, currency }: Money, by: number): Money {
  const { units, places } = parse(amount);
  const whole = BigInt(by) * 10n ** BigInt(places);
  const rounded = (2n * units * 10_000n + whole) / (2n * whole);
  return { amount: write(rounded, 4), currency };
}

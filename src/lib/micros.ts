import { DECIMAL } from "./money.ts";

/** Digits behind the point that the ledger keeps: millionths of a currency's unit. */
const PLACES = 6;

/** What the ledger can hold exactly: at most nine digits, and six behind the point. */
export const LEDGER_DECIMAL = /^\d{1,9}(\.\d{1,6})?$/;

/** A decimal in millionths; throws for what they can't hold. */
export function toMicros(amount: string): bigint {
  if (!DECIMAL.test(amount)) throw new Error("not a decimal amount");
  const [whole = "", part = ""] = amount.split(".");
  if (/[1-9]/.test(part.slice(PLACES))) throw new Error("finer than a millionth");
  return BigInt(whole + part.slice(0, PLACES).padEnd(PLACES, "0"));
}

/** Millionths as the shortest decimal; what is below zero has a sign. */
export function fromMicros(micros: bigint): string {
  const digits = String(micros < 0n ? -micros : micros).padStart(PLACES + 1, "0");
  const whole = digits.slice(0, -PLACES);
  const part = digits.slice(-PLACES).replace(/0+$/, "");
  return `${micros < 0n ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}

import { drawText } from "../lib/random.ts";

export type Alphabet = "digits" | "readable";

/** `readable` leaves out what a person confuses: 0 O, 1 I L. */
export const ALPHABETS: Record<Alphabet, string> = {
  digits: "0123456789",
  readable: "23456789ABCDEFGHJKMNPQRSTUVWXYZ",
};

/** `random` must be a cryptographic source. */
export const drawCode = (
  alphabet: Alphabet,
  length: number,
  random: (length: number) => Uint8Array,
): string => drawText(ALPHABETS[alphabet], length, random);

/** How a typed code is compared: full-width digits, spaces round it and small letters are the person's, not an attack. */
export function foldCode(typed: string, alphabet: Alphabet): string {
  const folded = typed.normalize("NFKC").trim();
  return alphabet === "readable" ? folded.toUpperCase() : folded;
}

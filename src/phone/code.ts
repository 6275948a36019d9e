export type Alphabet = "digits" | "readable";

/** `readable` leaves out what a person confuses: 0 O, 1 I L. */
export const ALPHABETS: Record<Alphabet, string> = {
  digits: "0123456789",
  readable: "23456789ABCDEFGHJKMNPQRSTUVWXYZ",
};

/**
 * A code in which every character is equally likely: bytes beyond the last whole multiple of the
 * alphabet are drawn again. `random` must be a cryptographic source.
 */
export function drawCode(
  alphabet: Alphabet,
  length: number,
  random: (length: number) => Uint8Array,
): string {
  const letters = ALPHABETS[alphabet];
  const limit = 256 - (256 % letters.length);
  let code = "";
  while (code.length < length) {
    for (const byte of random(length * 2)) {
      if (byte < limit && code.length < length) code += letters[byte % letters.length];
    }
  }
  return code;
}

/** How a typed code is compared: full-width digits, spaces round it and small letters are the person's, not an attack. */
export function foldCode(typed: string, alphabet: Alphabet): string {
  const folded = typed.normalize("NFKC").trim();
  return alphabet === "readable" ? folded.toUpperCase() : folded;
}

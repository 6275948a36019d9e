/** Drawn from the system in one go and handed out in parts: a call of its own costs more than its bytes. */
const POOL_BYTES = 4096;
let pool = new Uint8Array();
let drawn = 0;

/** Random bytes of the system. */
export function randomBytes(length: number): Uint8Array {
  if (drawn + length > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(Math.max(POOL_BYTES, length)));
    drawn = 0;
  }
  const part = pool.slice(drawn, drawn + length);
  // What was handed out is not kept.
  pool.fill(0, drawn, drawn + length);
  drawn += length;
  return part;
}

/**
 * A text in which every letter is equally likely: bytes beyond the last whole multiple of the
 * letters are drawn again. `random` must be a cryptographic source.
 */
export function drawText(
  letters: string,
  length: number,
  random: (length: number) => Uint8Array,
): string {
  const limit = 256 - (256 % letters.length);
  let text = "";
  while (text.length < length) {
    for (const byte of random(length * 2)) {
      if (byte < limit && text.length < length) text += letters[byte % letters.length];
    }
  }
  return text;
}

/** Crockford's alphabet: what ULIDs are written in. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export type IdPrefix =
  | "sup"
  | "con"
  | "cpl"
  | "msg"
  | "tpl"
  | "snd"
  | "sto"
  | "acc"
  | "key"
  | "req"
  | "whk"
  | "ctc"
  | "job"
  | "hld"
  | "rul"
  | "evt"
  | "hok"
  | "kwr"
  | "cmp"
  | "usr"
  | "fnd"
  | "cnv"
  | "seg"
  | "pkg"
  | "bil"
  | "rfs"
  | "anm"
  | "ntc";

/** Ten characters of milliseconds, so that ids sort by time. */
function encodeTime(at: number): string {
  let rest = at;
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Five bits a character; `bytes.length` should be a multiple of five. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return text;
}

/** A ULID of the given moment; `random` are 10 bytes. */
export const ulid = (at: number, random: Uint8Array): string => encodeTime(at) + base32(random);

/** The moment of a ULID, or null for what is none. */
export const timeOfUlid = (text: string): number | null =>
  isUlid(text)
    ? [...text.slice(0, 10)].reduce((sum, digit) => sum * 32 + ALPHABET.indexOf(digit), 0)
    : null;

export const isUlid = (text: string): boolean => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);

import { drawText } from "../lib/random.ts";

/** What is mistaken for another is left out: 0 O o, 1 I l. */
const LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";

/** 46 bits: with a hundred million links alive, a guess in 700,000 finds one. */
export const CODE_LENGTH = 8;

export const drawLinkCode = (random: (length: number) => Uint8Array): string =>
  drawText(LETTERS, CODE_LENGTH, random);

export const isLinkCode = (text: string): boolean =>
  text.length === CODE_LENGTH && [...text].every((letter) => LETTERS.includes(letter));

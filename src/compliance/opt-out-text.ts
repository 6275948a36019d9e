import type { Policy } from "./policies.ts";

/** Ways to say how to opt out that shops write themselves. */
const SAYS_HOW = /拒收|退订|退訂|\bunsubscribe\b|\bopt[ -]?out\b|\bSTOP\b/i;

/** What has to be put behind a text so that it says how to opt out; empty when it does. */
export const suffixFor = (text: string, { suffix }: Pick<Policy, "suffix">): string =>
  suffix === "" || SAYS_HOW.test(text) ? "" : suffix;

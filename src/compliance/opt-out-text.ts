import { type Frame, type Frames, writeFrame } from "../templates/frame.ts";
import type { Policy } from "./policies.ts";

/**
 * Ways to say how to opt out that shops write themselves: what to do, not the word alone, for
 * 支持退订 and a one-stop shop tell nobody what to answer.
 */
const SAYS_HOW = new RegExp(
  [
    "(?:拒收|退订|退訂)[请請]?(?:回|发|發)",
    '(?:回|发|發)[复覆複送]?\\s*["“「]?\\p{L}{1,4}["”」]?\\s*(?:拒收|退订|退訂)',
    "\\b(?:reply|text|txt|send|répondez|envoyez)\\b.{0,12}\\b(?:STOP|R|T|TD|N|END|QUIT|CANCEL|ARRET)\\b",
    "\\bSTOP (?:to|au)\\b",
    "\\bto (?:unsubscribe|opt[ -]?out)\\b",
    "\\b(?:unsubscribe|opt[ -]?out)(?: here)?:",
  ].join("|"),
  "iu",
);

/** What has to be put behind a text so that it says how to opt out; empty when it does. */
export const suffixFor = (text: string, { suffix }: Pick<Policy, "suffix">): string =>
  suffix.trim() === "" || SAYS_HOW.test(text) ? "" : suffix;

/**
 * What stands around an offer as it leaves: a mark where the policy asks for one, and the way to opt
 * out. Its body decides before anything is filled in, for what is filed is all that can be sent.
 */
export const frameOf = (body: string, policy: Pick<Policy, "prefix" | "suffix">): Frame => ({
  before: body.startsWith(policy.prefix.trimEnd()) ? "" : policy.prefix,
  behind: suffixFor(body, policy),
});

/** The frames of an offer that goes to these countries; every other one's is the first. */
export function framesFor(
  body: string,
  countries: readonly string[],
  policyOf: (country: string) => Pick<Policy, "prefix" | "suffix">,
): Frames {
  const abroad = ["*", ...countries.filter((country) => country !== "CN")];
  const frames = abroad.map((country) => frameOf(body, policyOf(country)));
  const international = [...new Map(frames.map((one) => [writeFrame(one), one])).values()];
  return { domestic: [frameOf(body, policyOf("CN"))], international };
}

/** Longer ones are left as they are: texts carry none, and a QR code of one is not read. */
export const LONGEST_TARGET = 1_000;

/** Where a visit comes from, as shops' statistics read it. */
export interface Utm {
  readonly source: string;
  readonly medium: string;
  readonly campaign: string | null;
}

/** A web address in ASCII, or null for what a link may not lead to. */
export function readTarget(text: string): string | null {
  if (!/^https?:\/\/\S+$/i.test(text) || !URL.canParse(text)) return null;
  const { username, password, href } = new URL(text);
  return username || password || href.length > LONGEST_TARGET ? null : href;
}

/** Adds what the address does not say itself; the rest of it stays to the letter. */
export function withUtm(target: string, { source, medium, campaign }: Utm): string {
  const said = new URL(target).searchParams;
  const added = Object.entries({ source, medium, campaign })
    .filter(([name, value]) => value !== null && !said.has(`utm_${name}`))
    .map(([name, value]) => `utm_${name}=${encodeURIComponent(value ?? "")}`);
  if (added.length === 0) return target;
  const [address = "", ...fragment] = target.split("#");
  const joint = !address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&";
  return [address + joint + added.join("&"), ...fragment].join("#");
}

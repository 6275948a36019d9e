import { isIPv4, isIPv6 } from "node:net";

/** An address as a number of so many bits. An IPv4 address that is written as IPv6 is IPv4. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

const MAPPED = 0xffffn;

const ipv4Value = (text: string): bigint =>
  text.split(".").reduce((value, part) => value * 256n + BigInt(part), 0n);

/** Groups of one side of `::`, a dotted end as the two groups it stands for. */
const groupsOf = (text: string): bigint[] =>
  text === ""
    ? []
    : text.split(":").flatMap((group) => {
        if (!group.includes(".")) return BigInt(`0x${group}`);
        const value = ipv4Value(group);
        return [value >> 16n, value & 0xffffn];
      });

function ipv6Value(text: string): bigint {
  const [head = "", tail = ""] = text.split("::");
  const before = groupsOf(head);
  const after = groupsOf(tail);
  const zeros = Array<bigint>(8 - before.length - after.length).fill(0n);
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | group, 0n);
}

function parseAddress(text: string): Address | null {
  if (isIPv4(text)) return { bits: 32, value: ipv4Value(text) };
  // A zone names an interface of one machine: nothing that a list could mean.
  if (!isIPv6(text) || text.includes("%")) return null;
  const value = ipv6Value(text);
  return value >> 32n === MAPPED ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

interface Block {
  readonly bits: 32 | 128;
  /** What addresses of the block begin with, and by how many bits they go on. */
  readonly start: bigint;
  readonly rest: bigint;
}

function parseBlock(text: string): Block | null {
  const [first = "", length, ...more] = text.split("/");
  const address = parseAddress(first);
  if (!address || more.length > 0) return null;
  const { bits, value } = address;
  if (length === undefined) return { bits, start: value, rest: 0n };
  // A mapped address counts its prefix in 128 bits: rather refused than guessed.
  const isMapped = bits === 32 && first.includes(":");
  if (isMapped || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) return null;
  const rest = BigInt(bits - Number(length));
  const start = value >> rest;
  return start << rest === value ? { bits, start, rest } : null;
}

/** Whether `text` is an address or a block in CIDR notation whose host bits are all zero. */
export const isAddressBlock = (text: string): boolean => parseBlock(text) !== null;

/** Whether an address is in one of the blocks; one that is unknown or unreadable is in none. */
export function admits(blocks: readonly string[], address: string | null): boolean {
  const found = address === null ? null : parseAddress(address);
  if (!found) return false;
  return blocks.some((text) => {
    const block = parseBlock(text);
    return block?.bits === found.bits && found.value >> block.rest === block.start;
  });
}

/** Whether every address of a block is in one of the others. */
export function liesWithin(blocks: readonly string[], text: string): boolean {
  const inner = parseBlock(text);
  if (!inner) return false;
  return blocks.some((one) => {
    const block = parseBlock(one);
    if (block?.bits !== inner.bits || block.rest < inner.rest) return false;
    return inner.start >> (block.rest - inner.rest) === block.start;
  });
}

/** IPv6 that stands for an IPv4 address, by what it begins with and where that address is in it. */
const EMBEDDING: readonly { readonly start: bigint; readonly rest: bigint; readonly at: bigint }[] =
  [
    // Compatible, translated, NAT64, 6to4.
    { start: 0n, rest: 32n, at: 0n },
    { start: 0xffff0000n, rest: 32n, at: 0n },
    { start: 0x64ff9bn << 64n, rest: 32n, at: 0n },
    { start: 0x2002n, rest: 112n, at: 80n },
  ];

/**
 * What an address is counted under: IPv4 by itself, however it is written, IPv6 by its /64, for
 * that is what one customer has; null for what is no address.
 */
export function countedAs(text: string): string | null {
  const address = parseAddress(text);
  if (!address) return null;
  const { bits, value } = address;
  if (bits === 32) return `v4 ${value}`;
  const embedding = EMBEDDING.find(({ start, rest }) => value >> rest === start);
  return embedding && value > 1n
    ? `v4 ${(value >> embedding.at) & 0xffffffffn}`
    : `v6 ${value >> 64n}`;
}

/** `TRUSTED_PROXY`: who is believed about where a request comes from. */
export type TrustedProxy = "none" | "cloudflare" | `header:${string}`;

/**
 * The address at the other end of a request, or null: without a proxy the socket's, else what the
 * trusted header says. A header that names several was not written by the proxy alone.
 */
export function connectingAddress(request: Request, trusted: TrustedProxy): string | null {
  if (trusted === "none") {
    const { clientIp } = (request.cf ?? {}) as { readonly clientIp?: unknown };
    return typeof clientIp === "string" ? withoutPort(clientIp) : null;
  }
  const header = trusted === "cloudflare" ? "CF-Connecting-IP" : trusted.slice("header:".length);
  const said = request.headers.get(header);
  return said === null || said.includes(",") ? null : said.trim();
}

/** The runtime writes `192.0.2.1:443` and `[2001:db8::1]:443`. */
const withoutPort = (text: string): string =>
  /^\[(.+)\]:\d+$/.exec(text)?.[1] ?? /^([^:]+):\d+$/.exec(text)?.[1] ?? text;

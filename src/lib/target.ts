import { fail, ok, type Result } from "./result.ts";

/** Why no request of ours may go to an address that a user gave. */
export type TargetRefusal =
  | "not-a-url"
  | "not-https"
  | "credentials"
  | "fragment"
  | "private-name"
  | "private-address";

/** Names that lead home: this machine, this network, or an address written into the name. */
const PRIVATE_NAMES = [
  "localhost",
  "local",
  "localdomain",
  "internal",
  "intranet",
  "lan",
  "home",
  "corp",
  "private",
  "home.arpa",
  "onion",
  "nip.io",
  "sslip.io",
  "xip.io",
  "localtest.me",
  "lvh.me",
];

/** IANA's special-purpose blocks, as network and prefix length. */
const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

const ipv4Number = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

const isPrivateIpv4 = (address: string): boolean =>
  PRIVATE_IPV4.some(([network, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(ipv4Number(address) / size) === Math.floor(ipv4Number(network) / size);
  });

/** The eight groups of an address as `URL` writes it: lower case, one `::`, no dotted part. */
function ipv6Groups(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text ? text.split(":").map((part) => Number(`0x${part}`)) : []);
  if (tail === undefined) return groups(head);
  const zeros = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array<number>(zeros).fill(0), ...groups(tail)];
}

/** Only 2000::/3 is the open internet, less what stands for something else there. */
function isPrivateIpv6(address: string): boolean {
  const [first = 0, second = 0] = ipv6Groups(address);
  if (first < 0x2000 || first > 0x3fff) return true;
  const protocols = first === 0x2001 && second < 0x200;
  const documentation = (first === 0x2001 && second === 0xdb8) || first === 0x3fff;
  const carriesIpv4 = first === 0x2002;
  return protocols || documentation || carriesIpv4;
}

function refusalOfHost(hostname: string): TargetRefusal | null {
  if (hostname.startsWith("[")) {
    return isPrivateIpv6(hostname.slice(1, -1)) ? "private-address" : null;
  }
  // `URL` has turned decimal, octal, hexadecimal and shortened spellings into four numbers.
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) {
    return isPrivateIpv4(hostname) ? "private-address" : null;
  }
  const name = hostname.replace(/\.+$/, "");
  const isPrivate = PRIVATE_NAMES.some((one) => name === one || name.endsWith(`.${one}`));
  return isPrivate || !name.includes(".") ? "private-name" : null;
}

/** `host:port` pairs as `ALLOW_LOCAL_TARGETS` lists them. */
export const readLocalTargets = (text: string): readonly string[] =>
  text
    .split(",")
    .map((target) => target.trim().toLowerCase())
    .filter(Boolean);

/**
 * Whether our requests may go to `text`: https to a public host. `localTargets` are exempt from
 * scheme and host, to the port. What a public name resolves to is not looked at.
 */
export function checkTarget(
  text: string,
  localTargets: readonly string[],
): Result<URL, TargetRefusal> {
  if (!URL.canParse(text)) return fail("not-a-url");
  const url = new URL(text);
  if (url.username || url.password) return fail("credentials");
  if (url.hash || text.includes("#")) return fail("fragment");
  if (url.protocol !== "https:" && url.protocol !== "http:") return fail("not-https");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (localTargets.includes(`${url.hostname}:${port}`)) return ok(url);
  if (url.protocol !== "https:") return fail("not-https");
  const refused = refusalOfHost(url.hostname);
  return refused ? fail(refused) : ok(url);
}

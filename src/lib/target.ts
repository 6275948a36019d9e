import { fail, ok, type Result } from "./result.ts";

/** Why no request of ours may go to an address that a user gave. */
export type TargetRefusal =
  | "not-a-url"
  | "not-https"
  | "credentials"
  | "fragment"
  | "port"
  | "own-host"
  | "private-name"
  | "private-address"
  | "unresolved"
  | "resolves-privately";

/** What decides where requests of ours may go. */
export interface TargetRules {
  /** `host:port` pairs that are exempt, scheme, host and all. */
  readonly localTargets: readonly string[];
  /** Our own host name: a request to it would come back to us. */
  readonly ownHost: string;
  /** The addresses of a name, none if there is no such name; null where nobody can be asked. */
  readonly resolve: ((name: string) => Promise<readonly string[]>) | null;
}

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

/** Written as `URL` writes it. */
const isIpv4 = (host: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(host);

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

/** Brings an address, which may come from a name server, into the one spelling that is compared. */
function isPrivateAddress(address: string): boolean {
  const written = address.includes(":") ? `[${address}]` : address;
  if (!URL.canParse(`https://${written}`)) return true;
  const { hostname } = new URL(`https://${written}`);
  if (hostname.startsWith("[")) return isPrivateIpv6(hostname.slice(1, -1));
  return !isIpv4(hostname) || isPrivateIpv4(hostname);
}

const withoutDots = (name: string): string => name.replace(/\.+$/, "");

function refusalOfHost(hostname: string, ownHost: string): TargetRefusal | null {
  // `URL` has turned decimal, octal, hexadecimal and shortened spellings into four numbers.
  if (hostname.startsWith("[") || isIpv4(hostname)) {
    return isPrivateAddress(hostname.replace(/^\[|\]$/g, "")) ? "private-address" : null;
  }
  const name = withoutDots(hostname);
  if (name === withoutDots(ownHost)) return "own-host";
  const isPrivate = PRIVATE_NAMES.some((one) => name === one || name.endsWith(`.${one}`));
  return isPrivate || !name.includes(".") ? "private-name" : null;
}

/** `host:port` pairs as `ALLOW_LOCAL_TARGETS` lists them. */
export const readLocalTargets = (text: string): readonly string[] =>
  text
    .split(",")
    .map((target) => target.trim().toLowerCase())
    .filter(Boolean);

const isLocal = (url: URL, localTargets: readonly string[]): boolean =>
  localTargets.includes(
    `${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`,
  );

/** Whether a URL names a place that our requests may go to, by its spelling alone: https, public. */
export function checkTarget(
  text: string,
  { localTargets, ownHost }: Pick<TargetRules, "localTargets" | "ownHost">,
  ports: "443" | "any" = "443",
): Result<URL, TargetRefusal> {
  if (!URL.canParse(text)) return fail("not-a-url");
  const url = new URL(text);
  if (url.username || url.password) return fail("credentials");
  if (url.hash || text.includes("#")) return fail("fragment");
  if (url.protocol !== "https:" && url.protocol !== "http:") return fail("not-https");
  if (isLocal(url, localTargets)) return ok(url);
  if (url.protocol !== "https:") return fail("not-https");
  const refused = refusalOfHost(url.hostname, ownHost);
  if (refused) return fail(refused);
  return url.port !== "" && ports === "443" ? fail("port") : ok(url);
}

/** The same, and its name leads to public addresses alone at this moment. */
export async function admitTarget(
  text: string,
  rules: TargetRules,
  ports: "443" | "any" = "443",
): Promise<Result<URL, TargetRefusal>> {
  const target = checkTarget(text, rules, ports);
  if (!target.ok || !rules.resolve || isLocal(target.value, rules.localTargets)) return target;
  const { hostname } = target.value;
  if (hostname.startsWith("[") || isIpv4(hostname)) return target;
  const addresses = await rules.resolve(withoutDots(hostname));
  if (addresses.length === 0) return fail("unresolved");
  return addresses.some(isPrivateAddress) ? fail("resolves-privately") : target;
}

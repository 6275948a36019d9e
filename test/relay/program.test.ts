import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { providers } from "../../src/providers/registry.ts";
import { parseRelayEnvironment } from "../../src/relay/environment.ts";
import { selfSigned } from "./certificate.ts";
import { SECRET, startRelay } from "./support.ts";

const endpoints = Object.values(providers).map(({ endpoint }) => endpoint);
const parse = (variables: Record<string, string>) =>
  parseRelayEnvironment({ RELAY_SECRET: SECRET, ...variables }, endpoints);

describe("the environment of a relay", () => {
  it("is a secret, and the providers' own hosts over https", () => {
    const parsed = parse({});
    expect(parsed).toMatchObject({
      ok: true,
      value: { host: "127.0.0.1", port: 8789, tls: null },
    });
    const allowed = parsed.ok ? [...parsed.value.allowed] : [];
    expect(allowed).toContain("https://dysmsapi.aliyuncs.com");
    expect(allowed.filter((origin) => !origin.startsWith("https://"))).toEqual([]);
    expect(allowed).toHaveLength(endpoints.length);
  });

  it("may allow more, and takes a host for https", () => {
    const parsed = parse({ RELAY_ALLOW: "smsgw.example:8443, http://127.0.0.1:8788," });
    const allowed = parsed.ok ? [...parsed.value.allowed] : [];
    expect(allowed.slice(endpoints.length)).toEqual([
      "https://smsgw.example:8443",
      "http://127.0.0.1:8788",
    ]);
  });

  it.each([
    [{ RELAY_SECRET: "" }, "RELAY_SECRET must be"],
    [{ RELAY_SECRET: "s".repeat(31) }, "RELAY_SECRET must be"],
    [{ RELAY_PORT: "65536" }, "RELAY_PORT must be"],
    [{ RELAY_HOST: "relay.example" }, "RELAY_HOST must be"],
    [{ RELAY_ALLOW: "https://a.example/path" }, "RELAY_ALLOW must list"],
    [{ RELAY_ALLOW: "https://me@a.example" }, "RELAY_ALLOW must list"],
    [{ RELAY_ALLOW: "ftp://a.example" }, "RELAY_ALLOW must list"],
    [{ RELAY_CERT: "/cert.pem" }, "RELAY_CERT and RELAY_KEY go together"],
  ])("is refused with %j", (variables, words) => {
    const parsed = parse(variables);
    expect(parsed.ok ? "" : parsed.error).toContain(words);
  });
});

describe("the program", () => {
  it("does not start without a secret", async () => {
    await expect(startRelay({ RELAY_SECRET: "short" })).rejects.toThrow("relay: RELAY_SECRET");
  });

  it("ends TLS itself when it has a certificate", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hongyan-relay-"));
    const pair = selfSigned();
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(cert, pair.cert);
    writeFileSync(key, pair.key);
    const relay = await startRelay({ RELAY_CERT: cert, RELAY_KEY: key });
    const status = await new Promise((resolve, reject) => {
      const url = `${relay.origin}/healthz`;
      get(url, { ca: pair.cert, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on("error", reject);
    });
    await relay.stop();
    rmSync(folder, { recursive: true });
    expect(relay.origin).toMatch(/^https:/);
    expect(status).toBe(200);
  });
});

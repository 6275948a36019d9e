import { describe, expect, it } from "vitest";
import { parseEnvironment, reachableHost, socketAddress } from "../../src/start/environment.ts";

const parse = (variables: Record<string, string>) => parseEnvironment(variables, "/srv/hongyan");

describe("the environment of a start", () => {
  it("has a default for everything", () => {
    expect(parse({})).toEqual({
      ok: true,
      value: {
        host: "127.0.0.1",
        port: 8787,
        simulatorPort: 8788,
        stateDirectory: "/srv/hongyan/.hongyan",
        publicOrigin: "http://127.0.0.1:8787",
        simulatorOrigin: "http://127.0.0.1:8788",
        trustedProxy: "none",
        localTargets: ["127.0.0.1:8788"],
        relaySecret: "",
        turnstileSiteKey: "",
        turnstileSecret: "",
        clockOffsetSeconds: 0,
        logLevel: "error",
      },
    });
  });

  it("starts no simulator when its port is empty", () => {
    expect(parse({ SIMULATOR_PORT: "" })).toMatchObject({
      value: { simulatorPort: undefined, simulatorOrigin: undefined, localTargets: [] },
    });
  });

  it("adds the simulator to the local targets it is given", () => {
    const parsed = parse({
      ALLOW_LOCAL_TARGETS: "Localhost:9000, [::1]:9001",
      SIMULATOR_PORT: "9",
    });
    expect(parsed).toMatchObject({
      value: { localTargets: ["localhost:9000", "[::1]:9001", "127.0.0.1:9"] },
    });
  });

  it("calls itself by an address that can be reached when it listens everywhere", () => {
    expect(parse({ HOST: "0.0.0.0" })).toMatchObject({
      value: { host: "0.0.0.0", publicOrigin: "http://127.0.0.1:8787" },
    });
    expect(parse({ HOST: "::", PORT: "80" })).toMatchObject({
      value: { publicOrigin: "http://[::1]:80" },
    });
    expect(socketAddress("::", 80)).toBe("[::]:80");
    expect(reachableHost("10.0.0.5")).toBe("10.0.0.5");
  });

  it.each([
    [{ PORT: "0" }, "PORT must be"],
    [{ PORT: "65536" }, "PORT must be"],
    [{ PORT: "8o87" }, "PORT must be"],
    [{ SIMULATOR_PORT: "-1" }, "SIMULATOR_PORT must be"],
    [{ PORT: "8788" }, "PORT and SIMULATOR_PORT are both 8788"],
    [{ HOST: "sms.example" }, "HOST must be"],
    [{ RELAY_SECRET: "too-short-to-be-a-secret" }, "RELAY_SECRET must be"],
    [{ PUBLIC_ORIGIN: "sms.example" }, "PUBLIC_ORIGIN must be"],
    [{ PUBLIC_ORIGIN: "https://sms.example/v1" }, "PUBLIC_ORIGIN must be"],
    [{ PUBLIC_ORIGIN: "ftp://sms.example" }, "PUBLIC_ORIGIN must be"],
    [{ TRUSTED_PROXY: "nginx" }, "TRUSTED_PROXY must be"],
    [{ TRUSTED_PROXY: "header:" }, "TRUSTED_PROXY must be"],
    [{ ALLOW_LOCAL_TARGETS: "localhost" }, "ALLOW_LOCAL_TARGETS must list"],
    [{ ALLOW_LOCAL_TARGETS: "http://localhost:1" }, "ALLOW_LOCAL_TARGETS must list"],
    [{ ALLOW_LOCAL_TARGETS: "localhost:99999" }, "ALLOW_LOCAL_TARGETS must list"],
    [{ CLOCK_OFFSET_SECONDS: "1.5" }, "CLOCK_OFFSET_SECONDS must be"],
    [{ LOG_LEVEL: "loud" }, "LOG_LEVEL must be"],
  ])("refuses %j in one line", (variables, message) => {
    const parsed = parse(variables);
    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(message) });
    expect(parsed).not.toMatchObject({ error: expect.stringContaining("\n") });
  });

  it.each([
    { CLOCK_OFFSET_SECONDS: "-86400" },
    { TRUSTED_PROXY: "header:X-Real-IP" },
    { TRUSTED_PROXY: "cloudflare" },
    { PUBLIC_ORIGIN: "https://sms.example/" },
  ])("takes %j", (variables) => {
    expect(parse(variables)).toMatchObject({ ok: true });
  });
});

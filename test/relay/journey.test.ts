import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan } from "../journeys/hongyan.ts";
import { freePort } from "../ports.ts";
import { type RelayProcess, SECRET, startRelay } from "./support.ts";

const ACCOUNTS = "/v1/provider-accounts";

const product = new Hongyan();
let relay: RelayProcess;
/** Knows another secret. */
let stranger: RelayProcess;
let aliyun = "";

beforeAll(async () => {
  const ports = [String(await freePort()), String(await freePort())];
  await product.start({
    RELAY_SECRET: SECRET,
    ALLOW_LOCAL_TARGETS: ports.map((port) => `127.0.0.1:${port}`).join(),
  });
  const [RELAY_PORT = "", otherPort = ""] = ports;
  const RELAY_ALLOW = product.simulator;
  relay = await startRelay({ RELAY_PORT, RELAY_ALLOW });
  const other = { RELAY_PORT: otherPort, RELAY_ALLOW, RELAY_SECRET: SECRET.toUpperCase() };
  stranger = await startRelay(other);
  const { data } = (await product.request("GET", ACCOUNTS)).body;
  aliyun = data.find((one: { provider: string }) => one.provider === "aliyun").id;
});
afterAll(async () => {
  await Promise.all([relay.stop(), stranger.stop(), product.dispose()]);
});

const takeRelay = (origin: string | null) =>
  product.request("PATCH", `${ACCOUNTS}/${aliyun}`, {
    relay: origin,
    credentials: { access_key_id: "sim-id", access_key_secret: "sim-secret" },
  });

/** The provider that a code to a new number came by. */
async function sendCode() {
  const to = freshNumber();
  const sent = await product.send(to);
  expect(sent.status).toBe(201);
  const [text] = await product.eventually(
    () => product.texts(to),
    (texts) => texts.length > 0,
    2,
  );
  return text?.provider;
}

describe("the whole product", () => {
  it("sends a code through the relay of an account", async () => {
    expect((await takeRelay(relay.origin)).body.relay).toBe(relay.origin);
    expect(await sendCode()).toBe("aliyun");
    expect((await product.stats()).aliyun?.accepted).toBe(1);
    // It went that way indeed: with the relay gone, the outcome is nobody's to know.
    await relay.stop();
    expect(await sendCode()).toBe("tencent");
    expect((await product.stats()).aliyun?.accepted).toBe(1);
  });

  it("takes another account for a code that a relay refuses", async () => {
    await takeRelay(stranger.origin);
    expect(await sendCode()).toBe("tencent");
    expect(stranger.lines.join("\n")).toContain('"refusal":"bad-signature"');
    await takeRelay(null);
    expect(await sendCode()).toBe("aliyun");
  });
});

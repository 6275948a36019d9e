import { describe, expect, it } from "vitest";
import { admitTarget, checkTarget, readLocalTargets } from "../../src/lib/target.ts";

const OWN = "sms.shop.example";

const refusal = (text: string, localTargets: readonly string[] = []) => {
  const target = checkTarget(text, { localTargets, ownHost: OWN });
  return target.ok ? null : target.error;
};

describe("a target", () => {
  it.each([
    "https://dysmsapi.aliyuncs.com/",
    "https://api.twilio.com",
    "https://hooks.shop.example:443/sms?token=x",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
    "https://localhost.shop.example/",
    "https://10.shop.example/",
  ])("may be %s", (text) => {
    expect(refusal(text)).toBeNull();
  });

  it.each([
    ["relay.shop.example", "not-a-url"],
    ["https://", "not-a-url"],
    ["http://api.twilio.com/", "not-https"],
    ["ftp://api.twilio.com/", "not-https"],
    ["javascript:alert(1)", "not-https"],
    ["https://user@api.twilio.com/", "credentials"],
    ["https://user:secret@api.twilio.com/", "credentials"],
    ["https://api.twilio.com/#x", "fragment"],
    ["https://api.twilio.com/#", "fragment"],
    ["https://relay.shop.example:8443/sms", "port"],
    ["https://relay.shop.example:80/", "port"],
    [`https://${OWN}/webhooks`, "own-host"],
    [`https://${OWN.toUpperCase()}./`, "own-host"],
    ["https://localhost/", "private-name"],
    ["https://LOCALHOST./", "private-name"],
    ["https://a.localhost/", "private-name"],
    ["https://metadata.google.internal/", "private-name"],
    ["https://metadata.google.internal./", "private-name"],
    ["https://printer.local/", "private-name"],
    ["https://intranet/", "private-name"],
    ["https://127.0.0.1.nip.io/", "private-name"],
    ["https://7f000001.sslip.io/", "private-name"],
    ["https://router.home.arpa/", "private-name"],
    ["https://db.localdomain/", "private-name"],
    ["https://hidden.onion/", "private-name"],
    ["https://ｌｏｃａｌｈｏｓｔ/", "private-name"],
    ["https://127.0.0.1/", "private-address"],
    ["https://127.1/", "private-address"],
    ["https://2130706433/", "private-address"],
    ["https://0x7f000001/", "private-address"],
    ["https://0x7f.0.0.1/", "private-address"],
    ["https://017700000001/", "private-address"],
    ["https://127.0.1/", "private-address"],
    ["https://127.0.0.1./", "private-address"],
    ["https://127。0。0。1/", "private-address"],
    ["https://①②⑦.0.0.1/", "private-address"],
    ["https://%31%32%37.0.0.1/", "private-address"],
    ["https://0xa9fea9fe/", "private-address"],
    ["https://0177.0.0.1/", "private-address"],
    ["https://１２７.0.0.1/", "private-address"],
    ["https://0/", "private-address"],
    ["https://0.0.0.0/", "private-address"],
    ["https://10.0.0.1/", "private-address"],
    ["https://100.64.0.1/", "private-address"],
    ["https://100.127.255.255/", "private-address"],
    ["https://169.254.169.254/latest/meta-data", "private-address"],
    ["https://172.16.0.1/", "private-address"],
    ["https://172.31.255.255/", "private-address"],
    ["https://192.0.2.1/", "private-address"],
    ["https://192.168.1.1/", "private-address"],
    ["https://198.19.0.1/", "private-address"],
    ["https://203.0.113.9/", "private-address"],
    ["https://224.0.0.1/", "private-address"],
    ["https://255.255.255.255/", "private-address"],
    ["https://[::]/", "private-address"],
    ["https://[::1]/", "private-address"],
    ["https://[0:0:0:0:0:0:0:1]/", "private-address"],
    ["https://[::ffff:127.0.0.1]/", "private-address"],
    ["https://[::ffff:7f00:1]/", "private-address"],
    ["https://[::127.0.0.1]/", "private-address"],
    ["https://[64:ff9b::7f00:1]/", "private-address"],
    ["https://[fc00::1]/", "private-address"],
    ["https://[fd12:3456::1]/", "private-address"],
    ["https://[fe80::1]/", "private-address"],
    ["https://[ff02::1]/", "private-address"],
    ["https://[2001::1]/", "private-address"],
    ["https://[2001:db8::1]/", "private-address"],
    ["https://[2002:7f00:1::]/", "private-address"],
  ])("may not be %s: %s", (text, why) => {
    expect(refusal(text)).toBe(why);
  });

  it.each(["172.15.255.255", "172.32.0.1", "100.128.0.1", "11.0.0.1", "198.20.0.1"])(
    "at the edge of a private block, %s is public",
    (address) => {
      expect(refusal(`https://${address}/`)).toBeNull();
    },
  );
});

describe("a relay's target", () => {
  it("may have a port of its own, and be no more private for it", () => {
    const rules = { localTargets: [], ownHost: OWN };
    expect(checkTarget("https://relay.shop.example:8443/", rules, "any").ok).toBe(true);
    expect(checkTarget("https://10.0.0.1:8443/", rules, "any").ok).toBe(false);
  });
});

describe("a name", () => {
  const asked: string[] = [];
  const admit = async (text: string, addresses: readonly string[] | null) => {
    const resolve = async (name: string) => {
      asked.push(name);
      return addresses ?? [];
    };
    const localTargets = ["localhost:9000"];
    const rules = { localTargets, ownHost: OWN, resolve: addresses && resolve };
    const target = await admitTarget(text, rules);
    return target.ok ? null : target.error;
  };

  it.each([
    [["93.184.216.34"], null],
    [["93.184.216.34", "2606:4700::1111"], null],
    [["93.184.216.34", "10.0.0.1"], "resolves-privately"],
    [["127.0.0.1"], "resolves-privately"],
    [["169.254.169.254"], "resolves-privately"],
    [["::1"], "resolves-privately"],
    [["fd00::1"], "resolves-privately"],
    [["0:0:0:0:0:ffff:7f00:1"], "resolves-privately"],
    [["64:ff9b::7f00:1"], "resolves-privately"],
    [["not an address"], "resolves-privately"],
    [[], "unresolved"],
  ])("that leads to %j is judged %s", async (addresses, why) => {
    expect(await admit("https://hooks.shop.example/", addresses)).toBe(why);
  });

  it("is asked for without its last dot, an address and a local target not at all", async () => {
    asked.length = 0;
    expect(await admit("https://hooks.shop.example./", ["93.184.216.34"])).toBeNull();
    expect(await admit("https://93.184.216.34/", [])).toBeNull();
    expect(await admit("http://localhost:9000/", [])).toBeNull();
    expect(asked).toEqual(["hooks.shop.example"]);
  });

  it("is judged by its spelling alone where nobody can be asked", async () => {
    expect(await admit("https://hooks.shop.example/", null)).toBeNull();
    expect(await admit("https://hooks.local/", null)).toBe("private-name");
  });
});

describe("a local target", () => {
  const local = readLocalTargets("127.0.0.1:8788, LOCALHOST:9000,[::1]:443");

  it.each([
    "http://127.0.0.1:8788/aliyun",
    "https://127.0.0.1:8788/aliyun",
    "http://localhost:9000",
    "https://[::1]/",
  ])("that is listed, %s, is exempt", (text) => {
    expect(refusal(text, local)).toBeNull();
  });

  it.each([
    ["http://127.0.0.1:8789/", "not-https"],
    ["https://127.0.0.1/", "private-address"],
    ["http://user:secret@127.0.0.1:8788/", "credentials"],
    ["http://[::1]/", "not-https"],
  ])("that is another, %s, is not: %s", (text, why) => {
    expect(refusal(text, local)).toBe(why);
  });
});

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
let seeded: Record<string, { mode: string }> = {};
beforeAll(async () => {
  await product.start();
  seeded = (await product.request("GET", "/v1/abuse-rules")).body;
});
afterAll(() => product.dispose());

const OFF = { mode: "off" };
const ALL_OFF = Object.fromEntries(
  [
    "countries",
    "number_types",
    "address",
    "device",
    "network",
    "prefix",
    "sequence",
    "approved_share",
    "undelivered",
    "surge",
    "spend",
    "failed_checks",
    "number",
    "delay",
    "challenge",
  ].map((rule) => [rule, OFF]),
);

const setRules = async (rules: object) => {
  const { status } = await product.request("PUT", "/v1/abuse-rules", { ...ALL_OFF, ...rules });
  expect(status).toBe(200);
};
beforeEach(() => setRules({}));

const slug = ({ body }: Reply): string => String(body.type).replace("/problems/", "");

let prefixes = 0;
/** Numbers of a prefix that no other test uses, `step` apart. */
function numbersOf(count: number, step = 37): string[] {
  const prefix = `+86137${String(++prefixes).padStart(4, "0")}`;
  return Array.from({ length: count }, (_, i) => prefix + String(i * step).padStart(4, "0"));
}
/** Numbers of as many prefixes. */
const scattered = (count: number): string[] =>
  Array.from({ length: count }, () => numbersOf(1)).flat();

let addresses = 0;
const freshAddress = () => `198.18.${Math.floor(++addresses / 250)}.${(addresses % 250) + 1}`;

/** One after another; the statuses in order. */
async function sendAll(numbers: readonly string[], more: object = {}): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const to of numbers) replies.push(await product.send(to, more));
  return replies;
}
const statuses = (replies: readonly Reply[]) => replies.map((reply) => reply.status);
const repeat = (status: number, count: number) => Array.from({ length: count }, () => status);

function solve(token: string, to: string, difficulty: number): string {
  for (let solution = 0; ; solution++) {
    const digest = createHash("sha256").update(`${token}:${to}:${solution}`).digest();
    if (digest.readUInt32BE() >>> (32 - difficulty) === 0) return `${token}.${solution}`;
  }
}

async function takeWork(to: string) {
  const { body } = await product.request("GET", "/v1/challenges");
  expect(body).toMatchObject({ type: "pow", difficulty: 10 });
  return { type: "pow", token: solve(body.token, to, body.difficulty) };
}

const HARD = { challenge: { mode: "off", difficulty: 10 } };

describe("the abuse rules", () => {
  it("of the demo storefront observe prefixes, sequences and addresses", () => {
    const observing = Object.keys(seeded).filter((name) => seeded[name]?.mode === "observe");
    expect(observing).toEqual(["address", "prefix", "sequence"]);
  });

  it("merge, and refuse what they don't know", async () => {
    const put = (body: object) => product.request("PUT", "/v1/abuse-rules", body);
    expect((await put({ prefix: { texts: 7 } })).body.prefix).toEqual({
      mode: "off",
      texts: 7,
      window_seconds: 600,
      times_usual: 5,
      block_seconds: 3_600,
    });
    expect((await put({ prefix: { texts: 20 } })).body.prefix.texts).toBe(20);
    for (const wrong of [{ moon: OFF }, { prefix: { mode: "on" } }, { prefix: { texts: 0 } }]) {
      expect((await put(wrong)).status).toBe(422);
    }
  });

  it("change no answer while they observe, and say in the trace what they would have done", async () => {
    await setRules({ prefix: { mode: "observe", texts: 3 }, address: { mode: "observe" } });
    const numbers = numbersOf(6);
    const replies = await sendAll(numbers, { client: { ip: freshAddress() } });
    expect(statuses(replies)).toEqual(repeat(201, 6));
    const traceOf = async (to: string) => {
      const found = await product.post("/v1/messages/search", { to });
      const { body } = await product.request("GET", `/v1/messages/${found.body.data[0]?.id}`);
      const steps: { step: string; verdict: string }[] = body.trace ?? [];
      return steps.filter((step) => step.step === "abuse").map((step) => step.verdict);
    };
    const read = () => Promise.all(numbers.map(traceOf));
    const traces = await product.eventually(read, (all) => all.flat().length >= 3, 5);
    expect(traces).toEqual([[], [], [], ...Array.from({ length: 3 }, () => ["prefix observed"])]);
  });
});

describe("an address", () => {
  it("has eight numbers an hour, each more takes a challenge, and no header changes that", async () => {
    await setRules({ address: { mode: "enforce", per_minute: 100, per_hour: 100 } });
    const client = { ip: freshAddress() };
    const sends = scattered(12).map((to, i) =>
      product.send(
        to,
        { client },
        {
          "X-Forwarded-For": `203.0.113.${i}`,
          "CF-Connecting-IP": `203.0.113.${i}`,
        },
      ),
    );
    const replies = await Promise.all(sends);
    expect(statuses(replies).sort()).toEqual([...repeat(201, 8), ...repeat(403, 4)]);
    const refused = replies.find((reply) => reply.status === 403);
    expect(refused && slug(refused)).toBe("challenge-required");
    expect(refused?.body.rule).toBe("address");
    const [other = ""] = scattered(1);
    expect((await product.send(other, {}, { "X-Forwarded-For": client.ip })).status).toBe(201);
    const mapped = { client: { ip: `::ffff:${client.ip}` } };
    expect((await product.send(scattered(1)[0] ?? "", mapped)).status).toBe(403);
  });

  it("of IPv6 is its /64", async () => {
    await setRules({ address: { mode: "enforce", numbers_per_hour: 2 } });
    const send = (ip: string) => product.send(scattered(1)[0] ?? "", { client: { ip } });
    const ips = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:DB8:1:2::3", "2001:db8:1:3::1"];
    const replies = [];
    for (const ip of ips) replies.push(await send(ip));
    expect(statuses(replies)).toEqual([201, 201, 403, 201]);
  });

  it("is exact under 200 sends at the same time", async () => {
    await setRules({ address: { mode: "enforce", per_minute: 50, numbers_per_hour: 500 } });
    const client = { ip: freshAddress() };
    const replies = await Promise.all(scattered(200).map((to) => product.send(to, { client })));
    expect(statuses(replies).filter((status) => status === 201)).toHaveLength(50);
    const refused = replies.filter((reply) => reply.status !== 201);
    expect(new Set(refused.map(slug))).toEqual(new Set(["rate-limited"]));
    expect(Number(refused[0]?.headers.get("Retry-After"))).toBeGreaterThan(50);
  });
});

describe("a prefix", () => {
  it("takes a challenge after so many texts, and one number is one in all spellings", async () => {
    await setRules({ prefix: { mode: "enforce", texts: 3 }, ...HARD });
    const [first = "", second = "", third = "", fourth = ""] = numbersOf(4);
    expect(statuses(await sendAll([first, second, third]))).toEqual(repeat(201, 3));
    for (const spelling of [
      fourth,
      fourth.slice(3),
      `0086${fourth.slice(3)}`,
      `＋${fourth.slice(1)}`,
    ]) {
      const refused = await product.send(spelling);
      expect([slug(refused), refused.body.rule]).toEqual(["challenge-required", "prefix"]);
    }
    const solved = await product.send(fourth.slice(3), { challenge: await takeWork(fourth) });
    expect(solved.status).toBe(201);
  });

  it("gives back what a number's own cap refused", async () => {
    await setRules({ prefix: { mode: "enforce", texts: 3 } });
    const [first = "", second = "", third = "", fourth = ""] = numbersOf(4);
    await sendAll([first, first, first, first, first]);
    // What did not go out is told behind the answer.
    await product.eventually(
      () => product.send(second),
      (reply) => reply.status === 201,
      2,
    );
    expect((await product.send(third)).status).toBe(201);
    expect((await product.send(fourth)).status).toBe(403);
  });

  it("whose neighbours come one after the other takes a challenge", async () => {
    await setRules({ sequence: { mode: "enforce" } });
    expect(statuses(await sendAll(numbersOf(6, 4)))).toEqual([...repeat(201, 4), 403, 403]);
    expect(statuses(await sendAll(numbersOf(6, 40)))).toEqual(repeat(201, 6));
  });

  it("whose codes nobody types in is stopped alone, but for numbers that were approved before", async () => {
    await setRules({
      approved_share: { mode: "enforce", texts: 10, probe_seconds: 1, probes: 1 },
      ...HARD,
    });
    await product.settings({ resend_after_seconds: 0 });
    const [friend = "", ...strangers] = numbersOf(13);
    const approve = async (to: string) => {
      await product.send(to);
      return (await product.check(to, await product.code(to))).body.status;
    };
    expect(await approve(friend)).toBe("approved");
    // The guard hears of approvals behind their answers.
    await sleep(1_000);
    // One of eleven is below a tenth.
    expect(statuses(await sendAll(strangers.slice(0, 10)))).toEqual(repeat(201, 10));
    const last = strangers[11] ?? "";
    const blocked = await product.send(last);
    expect([slug(blocked), blocked.body.rule]).toEqual(["destination-blocked", "approved_share"]);
    expect(Number(blocked.headers.get("Retry-After"))).toBeGreaterThan(1_700);
    expect((await product.send(friend)).status).toBe(201);
    expect((await product.send(scattered(1)[0] ?? "")).status).toBe(201);
    const { body } = await product.request("GET", "/v1/abuse-rules/activity");
    expect(body.attacks).toMatchObject([
      { prefix: `${friend.slice(0, -4)}****`, texts: 11, approved: 1 },
    ]);
    expect(product.output).toContain("abuse-attack-began");

    const probe = await product.eventually(
      async () => product.send(last, { challenge: await takeWork(last) }),
      (reply) => reply.status === 201,
      5,
    );
    expect(probe.status).toBe(201);
    await product.check(last, await product.code(last));
    const [next = ""] = strangers.slice(10);
    const open = await product.eventually(
      () => product.send(next),
      (reply) => reply.status === 201,
      3,
    );
    expect(open.status).toBe(201);
    await product.settings({ resend_after_seconds: 60 });
  });
});

describe("a challenge", () => {
  const [first = "", second = ""] = numbersOf(2);

  it("of work is good once, for its number and storefront, before it expires", async () => {
    await setRules({ challenge: { mode: "enforce", purposes: ["login"], difficulty: 10 } });
    const challenge = await takeWork(first);
    const bad = { ...challenge, token: challenge.token.replace(/^./, "z") };
    for (const wrong of [bad, { type: "pow", token: "nothing" }, undefined]) {
      expect(slug(await product.send(first, { challenge: wrong }))).toBe("challenge-required");
    }
    expect(slug(await product.send(second, { challenge }))).toBe("challenge-required");
    const both = await Promise.all([1, 2].map(() => product.send(first, { challenge })));
    expect(statuses(both).sort()).toEqual([201, 403]);
    expect((await product.send(scattered(1)[0] ?? "", { purpose: "payment" })).status).toBe(201);
  });

  it("of Turnstile is verified with its maker, once", async () => {
    await setRules({ challenge: { mode: "enforce", purposes: ["login"] } });
    const [one = "", two = ""] = scattered(2);
    const challenge = { type: "turnstile", token: `sim-${one}` };
    expect((await product.send(one, { challenge })).status).toBe(201);
    expect(slug(await product.send(two, { challenge }))).toBe("challenge-required");
    const forged = { type: "turnstile", token: "forged" };
    expect(slug(await product.send(two, { challenge: forged }))).toBe("challenge-required");
  });
});

describe("a country", () => {
  it("has its budget of the day, exactly, over a kill", async () => {
    const budget = { amount: "0.5", currency: "CNY" };
    await setRules({ spend: { mode: "enforce", countries: { SG: budget }, unknown_price: "0.1" } });
    const singapore = Array.from({ length: 20 }, (_, i) => `+6581${300_000 + i * 111}`);
    const replies = await Promise.all(singapore.map((to) => product.send(to)));
    expect(statuses(replies).filter((status) => status === 201)).toHaveLength(5);
    const refused = replies.find((reply) => reply.status === 429);
    expect(refused && [slug(refused), refused.body.rule]).toEqual(["destination-blocked", "spend"]);
    expect(refused?.body.detail).toContain("0.5 CNY");
    const { spent } = (await product.request("GET", "/v1/abuse-rules/activity")).body;
    expect(spent).toContainEqual({ country: "SG", spent: budget, per_day: budget });
    await product.kill();
    await product.start();
    expect((await product.send("+6581399999")).status).toBe(429);
    expect((await product.send(scattered(1)[0] ?? "")).status).toBe(201);
  });
});

describe("a destination", () => {
  const LANDLINE = "+442071838750";
  const traceOf = async (to: string) => {
    const read = async () => {
      const found = await product.post("/v1/messages/search", { to });
      const { body } = await product.request("GET", `/v1/messages/${found.body.data[0]?.id}`);
      const steps: { step: string; verdict: string }[] = body.trace ?? [];
      return steps.filter((step) => step.step === "abuse").map((step) => step.verdict);
    };
    return product.eventually(read, (steps) => steps.length > 0, 5);
  };

  it("in a country that gets no codes is refused, only noted, or let go, as the rule's mode is", async () => {
    const [abroad, another] = ["+33612345678", "+33612345679"] as const;
    await setRules({ countries: { mode: "enforce" } });
    expect(slug(await product.send(abroad))).toBe("country-not-allowed");
    await setRules({ countries: { mode: "observe" } });
    expect((await product.send(abroad)).status).toBe(201);
    expect(await traceOf(abroad)).toEqual(["countries observed"]);
    await setRules({ countries: OFF });
    expect((await product.send(another)).status).toBe(201);
    await setRules({ countries: { mode: "enforce" } });
    expect(slug(await product.send(another))).toBe("country-not-allowed");
  });

  it("that is no mobile line is refused, or only noted", async () => {
    await setRules({ number_types: { mode: "enforce" } });
    expect(slug(await product.send(LANDLINE))).toBe("phone-invalid");
    expect(slug(await product.check(LANDLINE, "123456"))).toBe("phone-invalid");
    await setRules({ number_types: { mode: "observe" } });
    expect((await product.send(LANDLINE)).status).toBe(201);
    expect((await product.check(LANDLINE, "wrong")).body.status).toBe("pending");
    expect(await traceOf(LANDLINE)).toEqual(["number_types observed"]);
    const allowed = ["mobile", "fixed_line"];
    await setRules({ number_types: { mode: "enforce", allowed } });
    expect(slug(await product.send(LANDLINE))).toBe("cap-exceeded");
    await setRules({ number_types: { mode: "enforce", allowed: ["mobile"] } });
    expect(slug(await product.send(LANDLINE))).toBe("phone-invalid");
  });
});

describe("a number", () => {
  it("waits longer for each text", async () => {
    await product.settings({ resend_after_seconds: 0 });
    await setRules({ delay: { mode: "enforce", seconds: [1, 900] } });
    const [to = ""] = scattered(1);
    expect((await product.send(to)).status).toBe(201);
    const early = await product.send(to);
    expect([slug(early), early.body.rule, early.headers.get("Retry-After")]).toEqual([
      "rate-limited",
      "delay",
      "1",
    ]);
    const second = await product.eventually(
      () => product.send(to),
      (reply) => reply.status === 201,
      3,
    );
    expect(second.status).toBe(201);
    expect(Number((await product.send(to)).headers.get("Retry-After"))).toBeGreaterThan(890);
  });

  it("has codes for so many purposes a day", async () => {
    await setRules({ number: { mode: "enforce", purposes_per_day: 2 } });
    const [to = ""] = scattered(1);
    const purposes = ["login", "register", "login", "payment"];
    const replies = [];
    for (const purpose of purposes) replies.push(await product.send(to, { purpose }));
    expect(statuses(replies)).toEqual([201, 201, 201, 429]);
    expect(replies.at(-1)?.body).toMatchObject({ rule: "number", cap: "number" });
    await product.settings({ resend_after_seconds: 60 });
  });

  it("keeps its own cap when a rule refuses a text", async () => {
    await product.settings({ caps: { per_hour: 1, per_day: 1 } });
    await setRules({ challenge: { mode: "enforce", purposes: ["login"], difficulty: 10 } });
    const [to = ""] = scattered(1);
    for (let i = 0; i < 5; i++) expect((await product.send(to)).status).toBe(403);
    expect((await product.send(to, { challenge: await takeWork(to) })).status).toBe(201);
    await product.settings({ caps: { per_hour: 5, per_day: 10 } });
  });
});

describe("whoever guesses", () => {
  it("one code at each of many numbers is asked for a challenge", async () => {
    await setRules({ failed_checks: { mode: "enforce", per_address_hour: 3 } });
    const client = { ip: freshAddress() };
    for (const to of scattered(3)) {
      await product.send(to, { client });
      await product.check(to, "wrong");
    }
    const refused = await product.eventually(
      () => product.send(scattered(1)[0] ?? "", { client }),
      (reply) => reply.status === 403,
      3,
    );
    expect([slug(refused), refused.body.rule]).toEqual(["challenge-required", "failed_checks"]);
    const elsewhere = { client: { ip: freshAddress() } };
    expect((await product.send(scattered(1)[0] ?? "", elsewhere)).status).toBe(201);
  });

  it("from one device at many numbers is asked as well", async () => {
    await setRules({ device: { mode: "enforce" } });
    const client = { device_id: "phone-1" };
    expect(statuses(await sendAll(scattered(6), { client }))).toEqual([...repeat(201, 5), 403]);
  });

  it("from one network at many numbers is asked as well", async () => {
    await setRules({ network: { mode: "enforce", numbers_per_hour: 2 } });
    const client = { asn: 64_500 };
    expect(statuses(await sendAll(scattered(3), { client }))).toEqual([201, 201, 403]);
  });
});

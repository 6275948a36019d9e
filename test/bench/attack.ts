import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Hongyan, ROOT_KEY } from "../journeys/hongyan.ts";
import { ATTACKED, type Caller, gatherCrowd } from "./attack-crowd.ts";
import { attackDays, type DayTally } from "./attack-days.ts";
import { printTable, verdict } from "./figures.ts";
import { openClient, type Send } from "./load.ts";

const CLIENTS = 16;
const MOST_TEXTS = 150;
const LEAST_SERVED = 0.99;
/** Easier than the product's own, so that the machine measures the rules and not the solving. */
const DIFFICULTY = 10;
/** A person waits for so long when told to, once. */
const PATIENCE_SECONDS = 60;

const ENFORCED = [
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
];

/** How long the patient attackers take, on a simulated clock. */
const HOURS = [1, 6, 24];

interface Tally {
  paid: number;
  served: number;
  newcomers: number;
  readonly answers: Map<string, number>;
}

/** A pumping attack on the rules as they come; false when it costs too much or good users suffer. */
export async function benchAttack(): Promise<boolean> {
  const product = new Hongyan();
  const client = openClient();
  const cleanUp = async () => {
    client.close();
    await product.dispose();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  const patient = HOURS.map((hours) => attackDays(gatherCrowd(1), hours, ENFORCED));
  try {
    await product.start({ LOG_LEVEL: "error" });
    const held = await attack(product, client.send);
    return reportDays(patient) && held;
  } finally {
    await cleanUp();
  }
}

async function attack(product: Hongyan, send: Send): Promise<boolean> {
  const crowd = gatherCrowd(1);
  const tally: Tally = { paid: 0, served: 0, newcomers: 0, answers: new Map() };
  const visit = visitor(product, send, tally);
  const off = { mode: "off" };
  await setRules(
    product,
    Object.fromEntries([...ENFORCED, "challenge"].map((rule) => [rule, off])),
  );
  await product.settings({ resend_after_seconds: 0 });
  for (const to of crowd.known) await visit({ to, ip: "192.0.2.1", kind: "customer" });
  if (tally.served !== crowd.known.length) throw new Error("old customers could not be made");
  await product.settings({ resend_after_seconds: 60, caps: { per_hour: 10 } });
  await sleep(1_000);
  await setRules(product, {
    ...Object.fromEntries(ENFORCED.map((rule) => [rule, { mode: "enforce" }])),
    challenge: { mode: "off", difficulty: DIFFICULTY },
  });

  Object.assign(tally, { paid: 0, served: 0, newcomers: 0 });
  tally.answers.clear();
  const started = performance.now();
  const waiting = crowd.callers.values();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (const caller of waiting) await visit(caller);
    }),
  );
  await Promise.all(patient.splice(0));
  const seconds = (performance.now() - started) / 1000;
  return report(tally, crowd.callers, seconds);
}

/** Those who wait to try again keep no client from the next caller. */
const patient: Promise<void>[] = [];

async function setRules(product: Hongyan, rules: object): Promise<void> {
  const { status } = await product.request("PUT", "/v1/abuse-rules", rules);
  if (status !== 200) throw new Error(`abuse rules answered ${status}`);
}

function visitor(product: Hongyan, send: Send, tally: Tally) {
  const headers = { Authorization: `Bearer ${ROOT_KEY}` };
  const post = async (path: string, body: object) => {
    const answer = await send("POST", product.api + path, body, headers);
    return { status: answer.status, body: JSON.parse(answer.text) };
  };
  const ask = async ({ to, ip, kind }: Caller, challenge?: object) => {
    const body = { to, purpose: "login", client: { ip }, ...(challenge ? { challenge } : {}) };
    const answer = await post("/v1/verifications", body);
    const who = kind === "solver" ? "attacker" : kind;
    const what = answer.status === 201 ? "sent" : `${answer.body.type}: ${answer.body.rule ?? ""}`;
    const line = `${who.padEnd(9)} ${what.replace("/problems/", "")}`;
    tally.answers.set(line, (tally.answers.get(line) ?? 0) + 1);
    return answer;
  };
  const askAndSolve = async (caller: Caller) => {
    const answer = await ask(caller);
    if (answer.status !== 403 || caller.kind === "attacker") return answer;
    const { text } = await send("GET", `${product.api}/v1/challenges`, undefined, headers);
    const { token, difficulty } = JSON.parse(text);
    return ask(caller, { type: "pow", token: solve(token, caller.to, difficulty) });
  };
  const typeIn = async ({ to, kind }: Caller) => {
    const code = await product.code(to);
    const { body } = await post("/v1/verifications/check", { to, purpose: "login", code });
    if (body.status !== "approved") throw new Error(`a good code was ${body.status}`);
    tally.served++;
    if (kind === "newcomer") tally.newcomers++;
  };
  return async function visit(caller: Caller): Promise<void> {
    const answer = await askAndSolve(caller);
    if (caller.kind === "attacker" || caller.kind === "solver") {
      if (answer.status === 201) tally.paid++;
      return;
    }
    if (answer.status === 201) return typeIn(caller);
    if (answer.status !== 429 || answer.body.type !== "/problems/rate-limited") return;
    patient.push(
      sleep(PATIENCE_SECONDS * 1000).then(async () => {
        const again = await askAndSolve(caller);
        if (again.status === 201) await typeIn(caller);
      }),
    );
  };
}

function solve(token: string, to: string, difficulty: number): string {
  for (let solution = 0; ; solution++) {
    const digest = createHash("sha256").update(`${token}:${to}:${solution}`).digest();
    if (digest.readUInt32BE() >>> (32 - difficulty) === 0) return `${token}.${solution}`;
  }
}

function report(tally: Tally, callers: readonly Caller[], seconds: number): boolean {
  const good = callers.filter(({ kind }) => kind === "customer" || kind === "newcomer");
  const newcomers = good.filter(({ kind }) => kind === "newcomer").length;
  const share = tally.served / good.length;
  const paidEnough = tally.paid <= MOST_TEXTS;
  const servedEnough = share >= LEAST_SERVED;
  console.log(
    `${callers.length - good.length} numbers over ${ATTACKED} prefixes from 500 addresses, ${good.length} good users among them, ${seconds.toFixed(0)} s\n`,
  );
  printTable(
    [
      ["texts paid for", String(tally.paid), `goal ${MOST_TEXTS}`, verdict(paidEnough)],
      [
        "good users served",
        `${(share * 100).toFixed(1)} %`,
        `goal ${LEAST_SERVED * 100} %`,
        verdict(servedEnough),
      ],
      ["newcomers of attacked prefixes", `${tally.newcomers} of ${newcomers}`, "", ""],
    ],
    [0, 3],
  );
  console.log();
  for (const [line, count] of [...tally.answers].sort()) {
    console.log(`${String(count).padStart(6)}  ${line}`);
  }
  return paidEnough && servedEnough;
}

/** Attackers who wait, and change address and device with every try. */
function reportDays(tallies: readonly DayTally[]): boolean {
  console.log(
    "\nthe same, spread over hours of a simulated clock, address and device new each try\n",
  );
  const rows = tallies.map((tally) => {
    const share = tally.served / tally.good;
    const isHeld = tally.paid <= MOST_TEXTS && share >= LEAST_SERVED;
    return { tally, share, isHeld };
  });
  printTable(
    [
      ["hours", "tries", "paid for", "good served", "newcomers", ""],
      ...rows.map(({ tally, share, isHeld }) => [
        String(tally.hours),
        String(tally.tries),
        String(tally.paid),
        `${(share * 100).toFixed(1)} %`,
        String(tally.newcomers),
        verdict(isHeld),
      ]),
    ],
    [5],
  );
  return rows.every(({ isHeld }) => isHeld);
}

import { DurableObject } from "cloudflare:workers";
import { planAcceptance } from "./acceptance.ts";
import { clockOffsetMs, type Env } from "./env.ts";
import { type Strike, strike } from "./faults.ts";
import { Filings, type Owner } from "./filings.ts";
import { type HandsetMessage, Ledger } from "./ledger.ts";
import { Nonces } from "./nonces.ts";
import { type OptOut, OptOuts } from "./opt-outs.ts";
import { Outbox } from "./outbox.ts";
import { SCHEMA } from "./schema.ts";
import { type Handset, type Setting, type Settings, SettingsStore } from "./settings.ts";
import { type Counts, Stats } from "./stats.ts";
import { type ProviderId, vendorOf } from "./vendors/registry.ts";
import type { Answer, Call, Desk, Filing, Submission, Vendor } from "./vendors/vendor.ts";

/** What the Worker does with a request; it holds connections so that the object need not. */
export interface Outcome {
  readonly act: "answer" | "garble" | "fail" | "reset" | "hold";
  readonly answer: Answer;
  readonly latencyMs: number;
}

export type ReplyOutcome = "pushed" | "no-text" | "no-callback";

const NONCES_TO_REMEMBER = 50_000;
const ALARM_GAP_MS = 60;

/** The one object behind all carriers: ledger, handsets, reviews, faults and what is to be pushed. */
export class Carrier extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #ledger: Ledger;
  readonly #filings: Filings;
  readonly #optOuts: OptOuts;
  readonly #settings: SettingsStore;
  readonly #stats: Stats;
  readonly #outbox: Outbox;
  readonly #handsets = new Map<string, Handset>();
  readonly #nonces = new Nonces(NONCES_TO_REMEMBER);
  readonly #offsetMs: number;
  #alarmAt = Number.POSITIVE_INFINITY;
  #lastIdAt = 0;
  #idsInMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(SCHEMA);
    this.#offsetMs = clockOffsetMs(env);
    this.#ledger = new Ledger(this.#sql);
    this.#filings = new Filings(this.#sql);
    this.#optOuts = new OptOuts(this.#sql);
    this.#settings = new SettingsStore(this.#sql);
    this.#stats = new Stats(this.#sql);
    this.#outbox = new Outbox(this.#sql, this.#ledger, this.#settings, () => this.#now());
    for (const { number, state } of this.#sql.exec<{ number: string; state: string }>(
      "SELECT * FROM handsets",
    )) {
      this.#handsets.set(number, JSON.parse(state));
    }
    this.#wake(this.#outbox.nextDueAt());
  }

  #now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** One signed request: everything it changes is one commit, which precedes its answer. */
  async call(provider: ProviderId, call: Call): Promise<Outcome> {
    this.#stats.add(provider, { requests: 1 });
    const { outcome, pushesFirst } = this.#handle(provider, call);
    this.#stats.save(provider);
    if (pushesFirst) await this.#outbox.drain();
    return outcome;
  }

  #handle(provider: ProviderId, call: Call): { outcome: Outcome; pushesFirst?: boolean } {
    const vendor = vendorOf(provider);
    const owner = { provider, account: call.account };
    if (call.nonce !== undefined && !this.#nonces.take(`${call.account} ${call.nonce}`)) {
      this.#stats.add(provider, { bad_signatures: 1 });
      return { outcome: answered(vendor.refuse(call, vendor.codes.nonceUsed)) };
    }
    const submits = vendor.submits.has(call.action);
    if (!submits && !vendor.tells?.has(call.action)) {
      return { outcome: answered(vendor.handle(call, this.#desk(owner)).answer) };
    }
    const struck = strike(this.#settings.get("faults", provider), Math.random);
    if (!struck.accepts) return { outcome: refused(vendor, call, struck) };
    const { answer, accepted = [] } = vendor.handle(call, this.#desk(owner));
    const pushesFirst = accepted.length > 0 && this.#accept(owner, accepted, struck);
    const act = struck.mode === "accept_then_timeout" ? "hold" : "answer";
    return { outcome: { act, answer, latencyMs: struck.latencyMs }, pushesFirst };
  }

  /** Counts a request whose signature did not hold. */
  refuse(provider: ProviderId): void {
    this.#stats.add(provider, { requests: 1, bad_signatures: 1 });
    this.#stats.save(provider);
  }

  /** Records what was accepted and owes its receipts; true where one goes out before the answer. */
  #accept(
    owner: Owner & { readonly provider: ProviderId },
    submissions: readonly Submission[],
    struck: Strike,
  ): boolean {
    const { provider } = owner;
    const now = this.#now();
    const isOff = (number: string) => this.#handsets.get(number)?.off ?? false;
    const { codes, receipts } = vendorOf(provider);
    const plan = planAcceptance(submissions, struck, codes, isOff, now);
    const { firstId, duplicates } = this.#ledger.record(owner, plan.entries, now);
    this.#stats.add(provider, { accepted: 1, recipients: plan.entries.length, duplicates });
    if (receipts === null) return false;
    const registered = this.#settings.get("callbacks", provider).receipts;
    const due = plan.receiptsDueAt.flatMap((times, index) => {
      const url = plan.entries[index]?.callbackUrl ?? registered;
      return url === null ? [] : times.map((dueAt) => ({ ref: firstId + index, dueAt }));
    });
    this.#outbox.add(provider, "receipts", due);
    if (due.length > 0) this.#wake(Math.min(...due.map(({ dueAt }) => dueAt)));
    return plan.pushesFirst;
  }

  #desk(owner: Owner & { readonly provider: ProviderId }): Desk {
    const review = this.#settings.get("reviews", owner.provider);
    const now = this.#now();
    const filings = this.#filings;
    return {
      now,
      limitsPerNumber: this.#settings.get("limits", owner.provider).per_number,
      newId: () => this.#newId(),
      // A vendor reads back what it filed itself, under the kind it filed it as.
      filing: <D>(kind: "sender" | "template", key: string) =>
        filings.get(owner, kind, key) as Filing<D> | undefined,
      filings: <D>(kind: "sender" | "template") => filings.list(owner, kind) as Filing<D>[],
      file: <D>(kind: "sender" | "template", details: D, key: (id: number) => string) =>
        filings.file(owner, kind, details, key, review, now) as Filing<D>,
      withdraw: (kind, key) => filings.withdraw(owner, kind, key),
      isListed: (sender, number) => this.#optOuts.has(owner, sender, number),
      list: (sender, number, isOut) => this.#optOuts.set(owner, { sender, number, isOut }, now),
      newest: (number, count) => this.#ledger.newest(owner, number, count),
      sent: (numbers, from, to) => this.#ledger.sent(owner, numbers, from, to),
    };
  }

  #newId(): string {
    const now = Math.max(this.#now(), this.#lastIdAt);
    this.#idsInMs = now === this.#lastIdAt ? this.#idsInMs + 1 : 0;
    this.#lastIdAt = now;
    return `${now}${String(this.#idsInMs).padStart(5, "0")}`;
  }

  #wake(at: number | null): void {
    if (at === null || at >= this.#alarmAt) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at - this.#offsetMs));
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    await this.#outbox.drain();
    const next = this.#outbox.nextDueAt();
    this.#wake(next === null ? null : Math.max(next, this.#now() + ALARM_GAP_MS));
  }

  put<Name extends Setting>(name: Name, provider: ProviderId, value: Settings[Name]): void {
    this.#settings.put(name, provider, value);
  }

  clearFaults(): void {
    this.#settings.clear("faults");
  }

  putHandset(number: string, handset: Handset): void {
    this.#handsets.set(number, handset);
    this.#sql.exec(
      "INSERT OR REPLACE INTO handsets VALUES (?, ?)",
      number,
      JSON.stringify(handset),
    );
  }

  /** New handsets: without texts, switched on, and with the counters at zero. */
  clearHandsets(): void {
    this.#ledger.clear();
    this.#stats.clear();
    this.#handsets.clear();
    this.#sql.exec("DELETE FROM handsets");
  }

  messages(number: string): HandsetMessage[] {
    return this.#ledger.messages(number);
  }

  recent(count: number): (HandsetMessage & { number: string; replies: string[] })[] {
    return this.#ledger.recent(count);
  }

  /** Answers the newest text of a handset; the first push was made when it resolves. */
  async reply(number: string, content: string): Promise<ReplyOutcome> {
    const text = this.#ledger.lastArrived(number);
    if (text === undefined) return "no-text";
    const provider = text.provider as ProviderId;
    if (this.#settings.get("callbacks", provider).replies === null) return "no-callback";
    const reply = this.#ledger.addReply(text, content, this.#now());
    this.#outbox.add(provider, "replies", [{ ref: reply.id, dueAt: reply.sentAt }]);
    this.#wake(reply.sentAt);
    await this.#outbox.drain();
    return "pushed";
  }

  /** What accounts told their vendors of opt-outs. */
  optOuts(): OptOut[] {
    return this.#optOuts.all();
  }

  stats(): Record<string, Counts> {
    return this.#stats.all();
  }

  /** Uses a Turnstile token, once; who used it may ask again with the same key. */
  redeem(token: string, idempotencyKey: string): Redeemed {
    const insert = "INSERT OR IGNORE INTO redeemed VALUES (?, ?) RETURNING 1";
    const isFirst = this.#sql.exec(insert, token, idempotencyKey).toArray().length > 0;
    if (isFirst) return "first";
    const query = "SELECT idempotency_key AS key FROM redeemed WHERE token = ?";
    const { key } = this.#sql.exec(query, token).one();
    return key !== "" && key === idempotencyKey ? "again" : "used";
  }
}

export type Redeemed = "first" | "again" | "used";

const answered = (answer: Answer): Outcome => ({ act: "answer", answer, latencyMs: 0 });

/** A submission that a fault keeps from being accepted. */
function refused(vendor: Vendor, call: Call, struck: Strike): Outcome {
  const { mode, errorCode, latencyMs } = struck;
  const nothing: Answer = { status: 500, contentType: "text/plain", body: "Internal Server Error" };
  switch (mode) {
    case "throttle":
    case "frequency":
    case "reject": {
      const answer = vendor.refuse(call, errorCode ?? vendor.codes[mode]);
      return { act: "answer", answer, latencyMs };
    }
    case "malformed":
      return { act: "garble", answer: vendor.answerWithoutId(call), latencyMs };
    case "timeout":
      return { act: "hold", answer: nothing, latencyMs };
    case "reset":
      return { act: "reset", answer: nothing, latencyMs };
    default:
      return { act: "fail", answer: nothing, latencyMs };
  }
}

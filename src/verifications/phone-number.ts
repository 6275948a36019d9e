import { DurableObject } from "cloudflare:workers";
import type { Keys } from "../lib/keys.ts";
import { type Clock, HOUR, SECOND } from "../lib/time.ts";
import { type MessageRecord, sealedIn } from "../messages/message.ts";
import { type Challenge, judgeGuess, statusAt, wiped } from "../phone/challenge.ts";
import { foldCode } from "../phone/code.ts";
import { PermissionBook, type PermissionScope, type Permissions } from "../phone/permissions.ts";
import { PhoneStorage, type SendRow } from "../phone/storage.ts";
import { Tables } from "../phone/tables.ts";
import {
  type Admission,
  LEAVE_GOOD_FOR,
  type Suppressed,
  TextBook,
  type TextFault,
  type TextRequest,
} from "../phone/texts.ts";
import type { Outcome, Submission } from "../providers/provider.ts";
import { beginSend, boundTo, sealedCode } from "./begin-send.ts";
import type { Candidate } from "./candidate.ts";
import { endAttempt, nextStep, openAttempt, type Verdict } from "./deliver.ts";
import { type Letter, submissionOf } from "./letter.ts";
import { Outbox, type OutboxDeps } from "./outbox.ts";
import {
  type CheckPlan,
  type CheckReply,
  type PhoneNumberStub,
  type ReadReply,
  type SendPlan,
  type SendReply,
  viewOf,
} from "./plan.ts";
import {
  replyOf,
  settleSend,
  wipeExpired,
  withAttempts,
  withCost,
  withRecord,
} from "./settle-send.ts";

export interface PhoneNumberDeps extends OutboxDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  /** False while the process is only preparing: it is about to be replaced by one that stays. */
  readonly isOpen: boolean;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly submit: (
    candidate: Candidate,
    submission: Submission,
    record: MessageRecord,
  ) => Promise<Outcome>;
  /** Text and candidates for a code that a crash left behind, or null when its template is gone. */
  readonly replan: (
    record: MessageRecord,
    code: string,
  ) => Promise<{ readonly body: string; readonly candidates: readonly Candidate[] } | null>;
  /** Told of each code that ended approved or unused, by the text that brought it. */
  readonly noteEnd: (record: MessageRecord, approved: boolean) => void;
  /** Told of each code that was typed, right or wrong, behind the answer. */
  readonly noteCheck: (
    check: {
      readonly storefront: string;
      readonly right: boolean;
      /** The number had typed in a code before. */
      readonly known: boolean;
      readonly askedFrom: string | null;
      readonly askedNetwork: string | null;
    },
    record: () => MessageRecord | null,
  ) => Promise<void>;
}

/** The alarm that takes over if the process dies: later than a call that is still alive may last. */
const RECOVER_AFTER = 8 * SECOND;
const LOG_AGAIN_AFTER = 30 * SECOND;

/**
 * One number. It alone decides what is true of it: codes, guesses, caps. Each decision and its
 * write happen without an await in between; it waits for providers and for the log alone.
 */
export class PhoneNumberObject extends DurableObject implements PhoneNumberStub {
  readonly #deps: PhoneNumberDeps;
  readonly #tables: Tables;
  readonly #storage: PhoneStorage;
  readonly #outbox: Outbox;
  readonly #permissions: PermissionBook;
  readonly #texts: TextBook;
  /** Texts whose provider call this very instance is waiting for. */
  readonly #delivering = new Set<string>();
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: Env, deps: PhoneNumberDeps) {
    super(ctx, env);
    this.#deps = deps;
    const { sql } = ctx.storage;
    this.#tables = new Tables(sql);
    this.#storage = new PhoneStorage(sql, this.#tables);
    this.#outbox = new Outbox(this.#storage, deps);
    this.#permissions = new PermissionBook(sql, this.#tables);
    this.#texts = new TextBook(sql, this.#tables, this.#permissions);
  }

  async send(plan: SendPlan): Promise<SendReply> {
    const now = this.#deps.clock.now();
    const begun = beginSend({ ...this.#deps, storage: this.#storage }, plan, now);
    if (begun.kind !== "begun") return begun;
    this.#wakeBy(now + RECOVER_AFTER);
    const letter = { ...plan, code: begun.code, expiresAt: begun.expiresAt };
    const { record, verdict } = await this.#deliver(begun.row, begun.record, letter, {
      candidates: begun.candidates,
      resendAtBefore: begun.resendAtBefore,
      recovering: false,
    });
    this.ctx.waitUntil(this.#wrapUp());
    const challenge = this.#storage.challenge(begun.row.challenge);
    return replyOf(verdict, challenge, record, this.#deps.clock.now());
  }

  async check(plan: CheckPlan): Promise<CheckReply> {
    const now = this.#deps.clock.now();
    const challenge = this.#target(plan);
    if (!challenge) return { kind: "missing" };
    const { keys } = this.#deps;
    const typed = foldCode(plan.code, challenge.alphabet);
    const codeIsRight = keys.macMatches(challenge.codeMac, "code", boundTo(challenge.id, typed));
    const contextIsRight =
      challenge.contextMac === null || plan.context === null
        ? challenge.contextMac === plan.context
        : keys.macMatches(challenge.contextMac, "context", boundTo(challenge.id, plan.context));
    const guess = { right: codeIsRight && contextIsRight, request: plan.request };
    const judged = judgeGuess(challenge, guess, this.#storage.wrongAt(challenge.purpose, now), now);
    if (judged.status === "missing") return { kind: "missing" };
    if (judged.next) {
      this.#storage.saveChallenge(judged.next);
      if (judged.counted) this.#storage.addWrong(challenge.purpose, now);
      this.#noteCheck(challenge, { right: judged.valid, known: this.#storage.isKnown(now) });
      if (judged.status === "approved") this.#storage.noteApproved(now);
    }
    if (judged.status === "approved") this.#noteEnd(challenge, true);
    const { status, valid, attemptsLeft } = judged;
    return { kind: "judged", id: challenge.id, status, valid, attemptsLeft };
  }

  async read(id: string, storefront: string | null): Promise<ReadReply | null> {
    const challenge = this.#owned(id, storefront);
    return challenge && this.#readReply(challenge);
  }

  /** Ends a pending verification; any other stays what it is. */
  async cancel(id: string, storefront: string | null): Promise<ReadReply | null> {
    const challenge = this.#owned(id, storefront);
    if (!challenge) return null;
    const open = statusAt(challenge, this.#deps.clock.now()) === "pending";
    const canceled = open ? wiped(challenge, "canceled") : challenge;
    if (open) this.#storage.saveChallenge(canceled);
    return this.#readReply(canceled);
  }

  async judge(text: TextRequest): Promise<TextFault | null> {
    return this.#texts.judge(text, this.#deps.clock.now());
  }

  /** Whether a text that is no code may leave now. */
  async admit(text: TextRequest): Promise<Admission> {
    return this.#texts.admit(text, this.#deps.clock.now());
  }

  /** Drops texts that are too old, and lets go of a number that has nothing else. */
  async forget(): Promise<number | null> {
    const now = this.#deps.clock.now();
    const next = this.#texts.forget(now);
    // Who has codes has an alarm, and that one sees to what is left.
    if (next !== null || (await this.ctx.storage.getAlarm()) !== null) return next;
    await this.#armFor([this.#storage.wipeAt(), this.#storage.forget(now)]);
    return null;
  }

  async release(message: string): Promise<void> {
    this.#texts.release(message);
  }

  async suppress(storefront: string, scope: PermissionScope, at: number): Promise<Suppressed> {
    const isNew = this.#permissions.suppress(storefront, scope, at);
    return { isNew, effectiveAt: this.#texts.lastAdmittedAt(scope) + LEAVE_GOOD_FOR };
  }

  async lift(storefront: string, scope: PermissionScope, saidBefore?: number): Promise<boolean> {
    return this.#permissions.lift(storefront, scope, this.#deps.clock.now(), saidBefore);
  }

  async grant(storefront: string, scope: PermissionScope, at: number): Promise<void> {
    this.#permissions.grant(storefront, scope, at);
  }

  async permissions(storefront: string): Promise<Permissions> {
    return this.#permissions.of(storefront);
  }

  async wrongTries(purpose: string): Promise<number> {
    return this.#storage.wrongAt(purpose, this.#deps.clock.now()).length;
  }

  /** One alarm serves recovery, the log, wiping and forgetting. Everything in it may run twice. */
  override async alarm(): Promise<void> {
    const { clock, logError } = this.#deps;
    this.#alarmAt = null;
    // A call that is made now would be cut, and would count as one that may have sent.
    if (!this.#deps.isOpen) return this.#wakeBy(clock.now() + SECOND);
    try {
      const expired = wipeExpired(this.#storage, clock.now());
      for (const challenge of expired) this.#noteEnd(challenge, false);
      await this.#recoverLost();
      await this.#outbox.ship();
      this.#storage.flush();
      const wipe = this.#storage.wipeAt();
      const forget = this.#storage.forget(clock.now());
      await this.#armFor([wipe, forget, this.#texts.forget(clock.now())]);
    } catch (error) {
      logError("phone-alarm-failed", error);
      this.#wakeBy(clock.now() + LOG_AGAIN_AFTER);
    }
  }

  /** Behind the answer: what ended is written, the log gets its row, and the alarm has time again. */
  async #wrapUp(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    // Before the log knows: what a kill takes back may not have been told to anybody.
    this.#storage.flush();
    await this.#outbox.ship();
    this.#storage.flush();
    if (this.#storage.owes()) return;
    const rest = this.#deps.clock.now() + HOUR;
    this.#alarmAt = Math.min(this.#storage.wipeAt() ?? rest, rest);
    await this.ctx.storage.setAlarm(this.#deps.clock.wake(this.#alarmAt));
  }

  /** A code that came is approved; the share of those tells how well an account delivers. */
  #noteEnd(challenge: Challenge, approved: boolean): void {
    const record = this.#lastRecord(challenge);
    if (record) this.#deps.noteEnd(record, approved);
  }

  #noteCheck(
    challenge: Challenge,
    result: { readonly right: boolean; readonly known: boolean },
  ): void {
    const { storefront, askedFrom = null, askedNetwork = null } = challenge;
    const check = { ...result, storefront, askedFrom, askedNetwork };
    this.ctx.waitUntil(this.#deps.noteCheck(check, () => this.#lastRecord(challenge)));
  }

  #lastRecord(challenge: Challenge): MessageRecord | null {
    const last = this.#storage.sendsOf(challenge.id).at(-1);
    return last ? (JSON.parse(last.record) as MessageRecord) : null;
  }

  #target({ target }: CheckPlan): Challenge | null {
    return "id" in target
      ? this.#owned(target.id, target.storefront)
      : this.#storage.latestChallenge(target.storefront, target.purpose);
  }

  #owned(id: string, storefront: string | null): Challenge | null {
    const challenge = this.#storage.challenge(id);
    return storefront === null || challenge?.storefront === storefront ? challenge : null;
  }

  /** Goes from account to account until one ends it; the record's last attempt is open. */
  async #deliver(
    row: SendRow,
    begun: MessageRecord,
    letter: Letter,
    facts: {
      readonly candidates: readonly Candidate[];
      readonly resendAtBefore: number | null;
      readonly recovering: boolean;
    },
  ): Promise<{ record: MessageRecord; verdict: Verdict }> {
    const { clock, submit } = this.#deps;
    let record = begun;
    this.#delivering.add(row.id);
    try {
      for (;;) {
        const current = record.attempts.at(-1);
        const candidate = facts.candidates.find((one) => one.account === current?.account);
        if (!current || !candidate) throw new Error("an open attempt has no candidate");
        const submission = submissionOf(row.id, letter, candidate);
        const outcome = await submit(candidate, submission, record);
        const now = clock.now();
        const attempts = [...record.attempts.slice(0, -1), endAttempt(current, outcome, now)];
        const next = nextStep(attempts, facts.candidates, { ...letter, ...facts, now });
        if (next.step === "done") {
          const ended = withAttempts(record, attempts, next.verdict);
          record = withCost(ended, outcome, candidate, submission);
          settleSend(this.#storage, row, record, next.verdict, facts.resendAtBefore);
          return { record, verdict: next.verdict };
        }
        record = withAttempts(record, [...attempts, openAttempt(next.candidate, now)], null);
        this.#storage.saveSend(withRecord(row, record, true));
      }
    } finally {
      this.#delivering.delete(row.id);
    }
  }

  /** A call that no living instance waits for: its outcome is unknown, and the code may go once more. */
  async #recoverLost(): Promise<void> {
    const { clock, logError } = this.#deps;
    for (const { id } of this.#storage.openSends()) {
      // Others send meanwhile: what was open when this began may have ended, or have somebody.
      const row = this.#storage.openSends().find((one) => one.id === id);
      if (!row || this.#delivering.has(id)) continue;
      try {
        await this.#recover(row, clock.now());
      } catch (error) {
        logError("phone-alarm-failed", error);
      }
    }
  }

  async #recover(row: SendRow, now: number): Promise<void> {
    const { keys, replan } = this.#deps;
    const lost = JSON.parse(row.record) as MessageRecord;
    const outcome: Outcome = { kind: "unknown", cause: "interrupted" };
    const attempts = lost.attempts.map((attempt) =>
      attempt.outcome === "open" ? endAttempt(attempt, outcome, now) : attempt,
    );
    const challenge = this.#storage.challenge(row.challenge);
    const code =
      challenge?.codeSealed && statusAt(challenge, now) === "pending"
        ? keys.unseal(challenge.codeSealed, sealedCode(challenge.id))
        : null;
    const plan = code === null ? null : await replan(lost, code);
    const expiresAt = challenge?.expiresAt ?? 0;
    const candidates = plan?.candidates ?? [];
    const next = nextStep(attempts, candidates, { expiresAt, now, recovering: true });
    if (next.step === "done" || !plan || code === null) {
      const ended = withAttempts(lost, attempts, "unknown");
      settleSend(this.#storage, row, ended, "unknown", null);
      return;
    }
    const record = withAttempts(lost, [...attempts, openAttempt(next.candidate, now)], null);
    this.#storage.saveSend(withRecord(row, record, true));
    const to = keys.unseal(lost.toSealed, sealedIn("to", lost.id));
    const letter = { ...lost, to, body: plan.body, code, expiresAt };
    await this.#deliver(row, record, letter, {
      candidates,
      resendAtBefore: null,
      recovering: true,
    });
  }

  #readReply(challenge: Challenge): ReadReply {
    const sends = this.#storage.sendsOf(challenge.id);
    const records = sends.map((send) => JSON.parse(send.record) as MessageRecord);
    const first = records[0];
    return {
      ...viewOf(challenge, this.#deps.clock.now()),
      to: first ? this.#deps.keys.unseal(first.toSealed, sealedIn("to", first.id)) : "",
      timeline: records.flatMap((record, index) =>
        record.attempts.map((attempt) => ({ message: record.id, send: index + 1, attempt })),
      ),
    };
  }

  /** Makes sure of an alarm at that time or before. */
  #wakeBy(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(this.#deps.clock.wake(at)));
  }

  /** Sets the alarm to what is due next, or lets go of a number of which nothing is left. */
  async #armFor(times: readonly (number | null)[]): Promise<void> {
    const now = this.#deps.clock.now();
    const due = times.filter((at) => at !== null);
    if (this.#storage.unloggedSends().length > 0) due.push(now + LOG_AGAIN_AFTER);
    if (this.#storage.openSends().length > 0) due.push(now + RECOVER_AFTER);
    if (due.length > 0) {
      this.#alarmAt = Math.min(...due);
      await this.ctx.storage.setAlarm(this.#deps.clock.wake(this.#alarmAt));
      return;
    }
    // What a person refused or agreed to outlives all texts.
    if (!this.#permissions.isEmpty()) return;
    // All three begin before anything is awaited: a send in between would lose its rows.
    const gone = [this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()];
    this.#alarmAt = null;
    this.#tables.reset();
    this.#storage.reset();
    this.#permissions.reset();
    await Promise.all(gone);
  }
}

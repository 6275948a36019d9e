import {
  liftOptOut,
  optOut,
  type PermissionDeps,
  recordComplaint,
} from "../compliance/permissions/change.ts";
import { consentsOf, suppressionsOf } from "../compliance/permissions/store.ts";
import type { Policy } from "../compliance/policies.ts";
import type { Database } from "../db/client.ts";
import type { AcceptDeps } from "../dispatch/accept-messages.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import type { LoggedMessage } from "../messages/log.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Template } from "../templates/template.ts";
import { type Answering, answerReply, confirmOptOut } from "./answer-reply.ts";
import { readIntent, saysMore } from "./intent.ts";
import { attributesOf, findRule, tagsOf } from "./keyword-rule.ts";
import { type Meant, numbersMeant, originOf } from "./origin.ts";
import { type Handled, type ReplyReason, type ReplyTags, replyKey } from "./reply.ts";
import { keywordRulesOf, type ReplyRow, settleReply } from "./store.ts";

/** The configuration of a moment, as far as replies go by it. */
export interface InboxWorld {
  readonly storefronts: readonly Storefront[];
  readonly templates: readonly Template[];
  readonly accepting: AcceptDeps;
  readonly policyOf: (wanted: {
    readonly storefront: string;
    readonly category: "marketing";
    readonly country: string;
  }) => Pick<Policy, "opt_out_words">;
}

/** What a reply tells the rules that hear events. */
export interface ReplyEvent {
  /** The reply's own: told twice it happened once. */
  readonly id: string;
  readonly name: string;
  readonly to: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface InboxDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly permissions: PermissionDeps;
  readonly open: () => Promise<InboxWorld>;
  /** The newest messages of a number, by its blind indexes. */
  readonly messagesTo: (numbers: readonly string[]) => Promise<readonly LoggedMessage[]>;
  /** Says it of the number's contact; nothing where there is none. */
  readonly tagContact: (storefront: string, to: Meant, attributes: ReplyTags) => Promise<void>;
  readonly postEvent: (storefront: Storefront, event: ReplyEvent) => Promise<void>;
  /** That the number's contact answered, whatever he said. */
  readonly noteReply: (storefront: string, e164: string, at: number) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

/** A reply, opened, with all that it is judged by. */
interface Opened {
  readonly key: string;
  readonly text: string;
  readonly verified: boolean;
  readonly receivedAt: number;
  readonly storefront: Storefront;
  readonly origin: LoggedMessage | null;
  /** One number, or two while nobody can tell which. */
  readonly numbers: readonly [Meant, ...Meant[]];
}

type Ended = Pick<Handled, "intent" | "status"> &
  Partial<Pick<Handled, "reason" | "tags" | "answer">>;

const answeringIn = (deps: InboxDeps, world: InboxWorld, opened: Opened): Answering => ({
  db: deps.db,
  keys: deps.keys,
  now: deps.clock.now(),
  accepting: world.accepting,
  templates: world.templates,
  storefront: opened.storefront,
  reply: opened.key,
  receivedAt: opened.receivedAt,
  to: opened.numbers[0].e164,
  locale: opened.origin?.locale,
});

async function open(deps: InboxDeps, world: InboxWorld, row: ReplyRow): Promise<Opened | null> {
  const { keys } = deps;
  const meant = numbersMeant(keys.unseal(row.fromSealed, `replies|from|${row.id}`));
  const indexes = meant.flatMap(({ e164 }) => keys.blindIndexes(e164));
  const origin = originOf(row, await deps.messagesTo(indexes));
  const storefront =
    world.storefronts.find((one) => one.id === origin?.storefront) ?? world.storefronts[0];
  if (!storefront) return null;
  const found = meant.find(({ e164 }) => keys.blindIndexes(e164).includes(origin?.toIndex ?? ""));
  return {
    key: replyKey(row.id, row.receivedAt),
    text: keys.unseal(row.textSealed, `replies|text|${row.id}`),
    verified: row.verified === true,
    receivedAt: row.receivedAt,
    storefront,
    origin,
    numbers: found ? [found] : meant,
  };
}

/** The words that end offers where the number may be. */
const optOutWords = ({ policyOf }: InboxWorld, { storefront, numbers }: Opened): string[] =>
  numbers.flatMap(({ country }) => [
    ...policyOf({ storefront: storefront.id, category: "marketing", country: country ?? "*" })
      .opt_out_words,
  ]);

async function endOffers(deps: InboxDeps, world: InboxWorld, opened: Opened): Promise<Ended> {
  const { key, storefront, numbers, text } = opened;
  for (const { e164 } of numbers) {
    await optOut(deps.permissions, {
      storefront: storefront.id,
      to: e164,
      scope: "marketing",
      reason: key,
      source: "reply",
    });
  }
  const isAll = !saysMore(text, optOutWords(world, opened));
  const ended: Ended = { intent: "opt-out", status: isAll ? "done" : "open" };
  // Where it is open whose number it was, a confirmation might reach a stranger.
  if (numbers.length > 1) return ended;
  // Asked of the record and not of `optOut`: whoever repeats this after a crash finds it made.
  const indexes = deps.keys.blindIndexes(numbers[0].e164);
  const [first] = (await suppressionsOf(deps.db, storefront.id, indexes)).sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  if (first?.reason !== key) return ended;
  return { ...ended, answer: await confirmOptOut(answeringIn(deps, world, opened)) };
}

async function complain(deps: InboxDeps, opened: Opened): Promise<Ended> {
  const { key, storefront, numbers, origin, text } = opened;
  for (const [index, { e164 }] of numbers.entries()) {
    await recordComplaint(deps.permissions, {
      id: `cpl${key.slice(key.indexOf("_"))}${index === 0 ? "" : `-${index}`}`,
      storefront: storefront.id,
      to: e164,
      message: origin?.id ?? null,
      text,
      source: "reply",
    });
  }
  return { intent: "complaint", status: "open" };
}

/** Why an opt-out is not taken back by a reply; null: it was, or there is none. */
async function restart(
  deps: InboxDeps,
  { storefront, numbers: [number, another], verified, receivedAt }: Opened,
): Promise<ReplyReason | "lifted" | null> {
  if (another) return null;
  const { e164, country } = number;
  const { suppressed } = await deps.permissions.keeper(e164).permissions(storefront.id);
  if (suppressed.marketing === undefined) return null;
  // Handled late, or once more, it takes back no opt-out that came after it.
  if (suppressed.marketing > receivedAt) return null;
  if (!verified) return "start-not-verified";
  if (country === "CN") return "start-needs-consent";
  const given = await consentsOf(deps.db, storefront.id, deps.keys.blindIndexes(e164), 1);
  if (given.length === 0) return "start-without-consent";
  const own = { storefront: storefront.id, to: e164, scope: "marketing", source: "reply" } as const;
  await liftOptOut(deps.permissions, own);
  return "lifted";
}

/** What the storefront's own rules make of it; null: none matches. */
async function followRule(
  deps: InboxDeps,
  world: InboxWorld,
  opened: Opened,
): Promise<Ended | null> {
  const { key, text, storefront, origin, numbers } = opened;
  const [number] = numbers;
  const met = findRule(await keywordRulesOf(deps.db, storefront.id), text);
  if (!met) return null;
  const { rule, keyword } = met;
  const attributes = attributesOf(rule, keyword);
  if (Object.keys(attributes).length > 0) {
    await deps.tagContact(storefront.id, number, attributes);
  }
  if (rule.event !== null) {
    await deps.postEvent(storefront, {
      id: key,
      name: rule.event,
      to: number.e164,
      data: { keyword, text, rule: rule.name, message: origin?.id ?? null },
    });
  }
  const ended: Ended = { intent: "keyword", status: "done", tags: tagsOf(rule, keyword) };
  if (rule.answer === null) return ended;
  const answered = await answerReply(answeringIn(deps, world, opened), rule.answer);
  return answered.ok
    ? { ...ended, answer: answered.value }
    : { ...ended, status: "open", reason: answered.error };
}

async function decide(deps: InboxDeps, world: InboxWorld, opened: Opened): Promise<Ended> {
  const intent = readIntent(opened.text, optOutWords(world, opened));
  if (intent === "opt-out") return endOffers(deps, world, opened);
  if (intent === "complaint") return complain(deps, opened);
  if (intent === "help") {
    const answered = await answerReply(answeringIn(deps, world, opened), "help");
    if (answered.ok) return { intent, status: "done", answer: answered.value };
    return { intent, status: "open", reason: answered.error };
  }
  const restarted = intent === "start" ? await restart(deps, opened) : null;
  if (restarted === "lifted") return { intent, status: "done" };
  // `YES` may as well be the answer to a question of the storefront's.
  const followed = await followRule(deps, world, opened);
  return followed ?? { intent, status: "open", reason: restarted };
}

/**
 * Does what a reply asks for and puts it into the inbox. Safe to repeat, and to run twice at once:
 * everything that follows from a reply bears its id.
 */
export async function handleReply(deps: InboxDeps, row: ReplyRow): Promise<void> {
  const { db, keys, clock } = deps;
  const world = await deps.open();
  const opened = await open(deps, world, row);
  if (!opened) return;
  const ended = await decide(deps, world, opened);
  const [{ e164 }, another] = opened.numbers;
  const isKnown = another !== undefined || keys.blindIndexes(e164).includes(row.fromIndex);
  const from = isKnown
    ? { fromSealed: row.fromSealed, fromIndex: row.fromIndex }
    : {
        fromSealed: keys.seal(e164, `replies|from|${row.id}`),
        fromIndex: keys.blindIndex(e164),
      };
  const handled: Handled = {
    key: opened.key,
    storefront: opened.storefront.id,
    message: opened.origin?.id ?? null,
    reason: null,
    tags: {},
    answer: null,
    ...ended,
  };
  if (!another) await deps.noteReply(opened.storefront.id, e164, opened.receivedAt);
  await settleReply(db, row.id, from, handled, clock.now());
}

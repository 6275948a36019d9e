import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { UNRULED } from "../../src/compliance/policies.ts";
import { OpenTimes } from "../../src/compliance/quiet-hours.ts";
import { depsOf } from "../../src/deps.ts";
import { type CarryDeps, prepare } from "../../src/dispatch/carry.ts";
import { DAY, HOUR, MINUTE } from "../../src/lib/time.ts";
import { sealedIn } from "../../src/messages/message.ts";
import type { WaitingMessage } from "../../src/messages/queued.ts";
import { LEAVE_GOOD_FOR } from "../../src/phone/texts.ts";
import { aBinding, anAccount, anOpenGate, aRow } from "./builders.ts";

const { keys } = depsOf(env);
const BEGIN = Date.UTC(2026, 0, 1);
const END = Date.UTC(2027, 0, 1);
/** None divides a day: every hour of every clock has its turn. */
const EVERY = 11 * HOUR + 19 * MINUTE + 37_000;

/** Half and quarter hours, half an hour of summer time, summers of the south, a Ramadan without. */
const ZONES = [
  "Asia/Shanghai",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Europe/London",
  "Africa/Casablanca",
  "America/New_York",
  "America/St_Johns",
  "America/Santiago",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
];
const HOLIDAYS = ["12-25", "2026-10-01", "2026-10-02", "2026-10-03"];
const quiet = { from: "21:00", to: "08:00", days_off: ["sunday", ...HOLIDAYS] };

const walls = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("en-CA", {
      ...{ timeZone, weekday: "short", hourCycle: "h23" },
      ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
    }),
  ]),
);

/** Whether offers may come, by the clock and the calendar on the wall there. */
function isOpen(zone: string, moment: number): boolean {
  const parts = walls.get(zone)?.formatToParts(moment) ?? [];
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const day = `${part("month")}-${part("day")}`;
  const isOff = HOLIDAYS.includes(day) || HOLIDAYS.includes(`${part("year")}-${day}`);
  const hour = Number(part("hour"));
  return hour >= 8 && hour < 21 && part("weekday") !== "Sun" && !isOff;
}

/** Every fourth is of use for three hours only. */
function anOffer(zone: string, at: number, count: number): WaitingMessage {
  const row = aRow({
    ...{ category: "marketing", zones: [zone], createdAt: at, dueAt: at },
    ...{ queue: "twilio", route: ["acc_twilio"] },
    expiresAt: count % 4 === 3 ? at + 3 * HOUR : null,
  });
  const { id } = row;
  const to = `+86139${id.slice(-8).replace(/\D/g, "").padStart(8, "0")}`;
  return {
    ...row,
    toSealed: keys.seal(to, sealedIn("to", id)),
    textSealed: keys.seal("hello", sealedIn("text", id)),
    variablesSealed: keys.seal("{}", sealedIn("variables", id)),
  };
}

it("in a year over ten zones no offer leaves in quiet hours, and none is lost", async () => {
  let now = BEGIN;
  const twilio = anAccount("twilio");
  const deps: CarryDeps = {
    ...{ keys, clock: { now: () => now, wake: (at) => at, unwake: (at) => at }, now: () => now },
    accounts: async () => [twilio],
    version: async () => ({
      ...{ version: 1, sender: "snd_1", body: "hello", variables: [] },
      bindings: [aBinding("acc_twilio")],
    }),
    number: () => ({
      admit: async () => ({ admitted: true, isFirst: false }),
      release: async () => {},
    }),
    gate: () => anOpenGate,
    forgetLater: async () => {},
    callbackUrl: () => null,
    policies: async () => () => ({ ...UNRULED, quiet }),
    openTimes: new OpenTimes(),
    random: () => 0.99,
    pause: async () => {},
    giveWay: async () => {},
    stopOf: async () => null,
    reroute: async () => [],
    logError: (event) => {
      throw new Error(event);
    },
    submit: () => Promise.reject(new Error("nothing is submitted here")),
  };

  const dueAt = new Map<number, WaitingMessage[]>();
  const put = (row: WaitingMessage) => {
    const minute = Math.floor(row.dueAt / MINUTE);
    dueAt.set(minute, [...(dueAt.get(minute) ?? []), row]);
  };
  /** The rows that are due next in a minute, all at the same moment. */
  const take = (minute: number): WaitingMessage[] => {
    const rows = dueAt.get(minute) ?? [];
    const next = Math.min(...rows.map((row) => row.dueAt));
    dueAt.set(
      minute,
      rows.filter((row) => row.dueAt > next),
    );
    return rows.filter((row) => row.dueAt === next);
  };
  let made = 0;
  for (const [index, zone] of ZONES.entries()) {
    for (let at = BEGIN + index * 43 * MINUTE; at < END; at += EVERY) {
      put(anOffer(zone, at, made++));
    }
  }

  const judged = new Map<string, number>();
  const ended = { left: 0, held: 0, "quiet-hours": 0 };
  for (let minute = BEGIN / MINUTE; minute < (END + 10 * DAY) / MINUTE; ) {
    const rows = take(minute);
    const [first] = rows;
    if (!first) {
      minute++;
      continue;
    }
    now = first.dueAt;
    for (const { id } of rows) judged.set(id, (judged.get(id) ?? 0) + 1);
    const { ready, settled } = await prepare(deps, "twilio", rows);
    for (const { letter, goodUntil } of ready) {
      const [zone = ""] = letter.row.zones;
      expect(isOpen(zone, now) && isOpen(zone, goodUntil), `${zone} ${new Date(now)}`).toBe(true);
      const wasHeld = (judged.get(letter.row.id) ?? 0) > 1;
      // Who was held leaves in the window's first minutes.
      if (wasHeld) expect(isOpen(zone, now - 3 * MINUTE)).toBe(false);
      ended.left++;
      ended.held += wasHeld ? 1 : 0;
    }
    for (const { id, status, reason, queue, dueAt: due } of settled) {
      const row = rows.find((one) => one.id === id);
      expect(reason).toBe("quiet-hours");
      if (queue !== null && row) {
        expect(due).toBeGreaterThan(now);
        put({ ...row, reason, dueAt: due ?? now });
        continue;
      }
      const until = row?.expiresAt ?? 0;
      expect([status, until > now]).toEqual(["suppressed", true]);
      for (let at = now + LEAVE_GOOD_FOR; at < until; at += 15 * MINUTE) {
        expect(isOpen(row?.zones[0] ?? "", at)).toBe(false);
      }
      ended["quiet-hours"]++;
    }
  }
  expect(ended.left + ended["quiet-hours"]).toBe(made);
  expect(Math.min(ended.held, ended["quiet-hours"])).toBeGreaterThan(made / 10);
  expect(Math.max(...judged.values())).toBeLessThanOrEqual(3);
}, 60_000);

import { env } from "cloudflare:workers";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { pageSegment } from "../../src/audience/members.ts";
import { readFilter } from "../../src/audience/read-filter.ts";
import { DEFAULT_BANDS } from "../../src/campaigns/playbooks/bands.ts";
import { holidaysFrom } from "../../src/campaigns/playbooks/holidays.ts";
import { findPlaybook, PLAYBOOKS } from "../../src/campaigns/playbooks/playbooks.ts";
import { toSchedule } from "../../src/campaigns/playbooks/start-playbook.ts";
import { cronFault } from "../../src/campaigns/schedule.ts";
import { checkDraft } from "../../src/templates/check-draft.ts";

const day = Temporal.PlainDate.from("2026-11-23");
const noon = Date.parse("2026-11-23T04:00:00Z");

describe("each playbook", () => {
  it.each(PLAYBOOKS.map((playbook) => [playbook.name, playbook] as const))(
    "%s has sound texts that say how to opt out, a segment and a time to come",
    (name, { text, suggest }) => {
      for (const body of [text.zh, text.en]) {
        expect(checkDraft({ category: "marketing", body, variables: [] })).toMatchObject({
          ok: true,
        });
        expect(body).toContain("拒收请回复R");
      }
      const { filter, schedule } = suggest(day);
      expect(readFilter(filter)).toMatchObject({ ok: true });
      const planned = toSchedule(schedule, "Asia/Shanghai");
      if ("cron" in planned) expect(cronFault(planned, noon)).toBeNull();
      else expect(planned.at).toBeGreaterThan(noon);
      expect(DEFAULT_BANDS.get(name)).toMatchObject({ source: "default" });
    },
  );

  it("has a name of its own, and none is that of an objective", () => {
    expect(DEFAULT_BANDS.size).toBe(PLAYBOOKS.length + 3);
  });
});

describe("the birthday playbook", () => {
  it("is for the month that begins next", () => {
    expect(findPlaybook("birthday")?.suggest(day).filter).toMatchObject({ value: 12 });
    const december = Temporal.PlainDate.from("2026-12-31");
    expect(findPlaybook("birthday")?.suggest(december).filter).toMatchObject({ value: 1 });
  });
});

it("a month of birth is found with its year and without", async () => {
  const storefront = "sto_of_birthdays";
  const born = { one: "1990-12-05", two: "12-31", three: "2012-01-12", four: null };
  await env.DB.batch(
    Object.entries(born).map(([id, birthday]) =>
      env.DB.prepare(
        `INSERT INTO contacts (id, storefront, to_sealed, to_index, country, attributes, birthday,
           created_at, updated_at) VALUES (?1, ?2, '', ?1, 'CN', '{}', ?3, 0, 0)`,
      ).bind(`ctc_born_${id}`, storefront, birthday),
    ),
  );
  const filter = readFilter(findPlaybook("birthday")?.suggest(day).filter);
  if (!filter.ok) throw new Error(filter.error.message);
  const people = { binding: env.DB, clock: { now: () => noon } };
  const found = await pageSegment(people, { storefront, filter: filter.value }, "", 10);
  expect(found.map(({ birthday }) => birthday).sort()).toEqual(["12-31", "1990-12-05"]);
});

describe("the holiday playbook", () => {
  it("names the next holiday, and goes out on its eve", () => {
    const { variables, schedule } = findPlaybook("holiday")?.suggest(day) ?? {};
    expect(variables).toEqual({ holiday: "双十二" });
    expect(schedule).toMatchObject({ localTime: true });
    expect(String((schedule as { at: unknown }).at)).toBe("2026-12-11T10:00:00");
  });
});

describe("the calendar of holidays", () => {
  const inYear = (year: number) =>
    Object.fromEntries(
      holidaysFrom(Temporal.PlainDate.from({ year, month: 1, day: 1 }))
        .slice(0, 15)
        .map(({ zh, on }) => [zh, on]),
    );

  it("knows those that follow the moon", () => {
    expect(inYear(2026)).toMatchObject({
      春节: "2026-02-17",
      元宵节: "2026-03-03",
      端午节: "2026-06-19",
      七夕节: "2026-08-19",
      中秋节: "2026-09-25",
      国庆节: "2026-10-01",
    });
  });

  it("takes no leap month for the month before it", () => {
    const days = holidaysFrom(Temporal.PlainDate.from("2028-01-01"));
    expect(days.filter(({ zh }) => zh === "端午节").map(({ on }) => on)).toEqual(["2028-05-28"]);
  });
});

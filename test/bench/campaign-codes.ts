import { setTimeout as sleep } from "node:timers/promises";
import type { Hongyan } from "../journeys/hongyan.ts";
import type { ProductCampaigns } from "./campaign-sides.ts";
import type { Send } from "./load.ts";
import { Numbers } from "./numbers.ts";
import { productSide } from "./otp-sides.ts";
import type { Recipients } from "./recipients.ts";

const WAITING = 40;
const PAUSE_MS = 20;
const SETTLE_MS = 1_000;

/** Codes that were asked for one after the other, in milliseconds from the request to the answer. */
export interface Codes {
  readonly sends: readonly number[];
  /** What was wrong with each that did not arrive or did not count. */
  readonly failures: readonly string[];
}

/** Codes beside a campaign, and how fast it went beside them. */
interface Beside extends Codes {
  readonly perSecond: number;
}

export interface CodesFindings {
  /** Codes to numbers that had none before: only whether they failed matters. */
  readonly warmUp: Codes;
  readonly quiet: Codes;
  readonly throttlePerSecond: number;
  readonly throttled: Beside;
  readonly unthrottled: Beside;
}

/** How long codes take alone, beside a campaign at half its rate, and beside one at its own. */
export async function measureCodes({
  product,
  send,
  campaigns,
  recipients,
  fastest,
  seconds,
}: {
  readonly product: Hongyan;
  readonly send: Send;
  readonly campaigns: ProductCampaigns;
  readonly recipients: Recipients;
  /** Recipients a second of a campaign without a throttle. */
  readonly fastest: number;
  /** About how long each part takes. */
  readonly seconds: number;
}): Promise<CodesFindings> {
  await product.settings({
    resend_after_seconds: 0,
    caps: { per_hour: 100_000, per_day: 100_000 },
  });
  const numbers = new Numbers("135");
  const side = productSide(send, product.api, product.simulator);
  const once = async (kind: "new" | "returning", into: { sends: number[]; failures: string[] }) => {
    const number = numbers.take(kind);
    const asked = performance.now();
    try {
      await side.send(number);
      into.sends.push(performance.now() - asked);
      await side.check(number, await side.code(number));
    } catch (error) {
      into.failures.push(String(error));
    }
    await sleep(PAUSE_MS);
    numbers.giveBack("returning", number);
  };
  const codesWhile = async (goesOn: () => boolean): Promise<Codes> => {
    const codes = { sends: [], failures: [] };
    while (goesOn()) await once("returning", codes);
    return codes;
  };
  const beside = async (perSecond: number, throttle?: number): Promise<Beside> => {
    const people = recipients.take(Math.ceil(perSecond * seconds));
    const loaded = await campaigns.load(people, throttle);
    await sleep(SETTLE_MS);
    const started = performance.now();
    let ended = 0;
    const handOver = loaded.handOver().finally(() => {
      ended = performance.now();
    });
    const [codes] = await Promise.all([codesWhile(() => ended === 0), handOver]);
    await loaded.settle();
    return { ...codes, perSecond: (people.length / (ended - started)) * 1_000 };
  };

  const warmUp = { sends: [], failures: [] };
  for (let made = 0; made < WAITING; made++) await once("new", warmUp);
  const quietUntil = performance.now() + seconds * 1_000;
  const quiet = await codesWhile(() => performance.now() < quietUntil);
  const throttlePerSecond = Math.max(1, Math.floor(fastest / 2));
  const throttled = await beside(throttlePerSecond, throttlePerSecond);
  const unthrottled = await beside(fastest);
  return { warmUp, quiet, throttlePerSecond, throttled, unthrottled };
}

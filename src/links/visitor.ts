import { isbot } from "isbot";
import { SECOND } from "../lib/time.ts";

export const VISITORS = ["person", "bot", "prefetch"] as const;

/** Who opened a link: a person, a program, or a browser that has not been told to yet. */
export type Visitor = (typeof VISITORS)[number];

const PREFETCH_HEADERS = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"];

/** Who asks, by what the request says of itself. */
export function visitorOf({ method, headers }: Pick<Request, "method" | "headers">): Visitor {
  const agent = headers.get("User-Agent") ?? "";
  // Every browser calls itself Mozilla; what fetches previews for an app often bears no such name.
  if (method !== "GET" || !agent.startsWith("Mozilla/") || isbot(agent)) return "bot";
  const isAhead = PREFETCH_HEADERS.some((name) =>
    /prefetch|prerender|preview/i.test(headers.get(name) ?? ""),
  );
  return isAhead ? "prefetch" : "person";
}

/** Whether a text could have been read on what asks. */
export const isHandset = (userAgent: string): boolean =>
  /Mobi|Android|iPhone|iPad|HarmonyOS/i.test(userAgent);

const READING_MS = 2 * SECOND;

/** Nobody reads a text and has it on another machine so soon: a scanner on the way looked at it. */
export const isScan = (at: number, arrivedAt: number | null): boolean =>
  arrivedAt === null || at < arrivedAt + READING_MS;

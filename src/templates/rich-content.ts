import { fail, ok, type Result } from "../lib/result.ts";
import { type RcsContent, rcsSchema } from "./rcs.ts";
import type { Channel } from "./template.ts";
import { type VideoSmsContent, videoSmsSchema } from "./video-sms.ts";

export type RichChannel = Exclude<Channel, "sms">;

/** What a message shows where text is not all of it. */
export type RichContent = VideoSmsContent | RcsContent;

const SCHEMAS = { video_sms: videoSmsSchema, rcs: rcsSchema };

/** All that a person reads, and what buttons carry; whatever else is a string names a thing. */
const WORDS = ["subject", "text", "title", "description", "label"];
const CARRIED = ["url", "postback"];

interface ContentFault {
  readonly path: string;
  readonly message: string;
}

/** The content as it is kept, or everything that is wrong with it, by field. */
export function readContent(
  channel: RichChannel,
  value: unknown,
): Result<RichContent, readonly ContentFault[]> {
  const parsed = SCHEMAS[channel].safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const faults = parsed.error.issues.slice(0, 20).flatMap((issue) => {
    const path = ["content", ...issue.path].join(".");
    if (issue.code !== "unrecognized_keys") return { path, message: issue.message };
    return issue.keys.map((key) => ({
      path: `${path}.${key}`,
      message: "is no part of such content · 不支持的字段",
    }));
  });
  return fail(faults);
}

type Role = "words" | "carried";

function roleOf(key: string, within: object): Role | null {
  if (WORDS.includes(key)) return "words";
  return CARRIED.includes(key) && !("media_type" in within) ? "carried" : null;
}

/** The content with each of its texts as `change` has it. */
function mapStrings(
  value: unknown,
  path: string,
  change: (text: string, path: string, role: Role) => string,
): unknown {
  if (Array.isArray(value)) {
    return value.map((one, index) => mapStrings(one, `${path}.${index}`, change));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => {
    const role = roleOf(key, value);
    const at = `${path}.${key}`;
    return [
      key,
      typeof one === "string" && role ? change(one, at, role) : mapStrings(one, at, change),
    ];
  });
  return Object.fromEntries(entries);
}

export interface ContentText {
  /** As in the body of a request. */
  readonly path: string;
  readonly text: string;
}

function collect(content: RichContent, wanted: (role: Role) => boolean): ContentText[] {
  const found: ContentText[] = [];
  mapStrings(content, "content", (text, path, role) => {
    if (wanted(role)) found.push({ path, text });
    return text;
  });
  return found;
}

/** Everything in it that may hold variables, from the top down. */
export const textsOf = (content: RichContent): ContentText[] => collect(content, () => true);

/** As one text: what variables and links are looked for in. */
export const bodyOf = (content: RichContent): string =>
  textsOf(content)
    .map(({ text }) => text)
    .join("\n");

/** What a person reads of it. */
export const wordsOf = (content: RichContent): string =>
  collect(content, (role) => role === "words")
    .map(({ text }) => text)
    .join("\n");

/** The content with another text in place of each. */
export const mapTexts = (content: RichContent, change: (text: string) => string): RichContent =>
  mapStrings(content, "content", (text) => change(text)) as RichContent;

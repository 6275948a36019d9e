import { z } from "@hono/zod-openapi";
import type { Category } from "../messages/message.ts";
import { CHANNELS } from "../routing/route.ts";
import type { DraftFault } from "../templates/check-draft.ts";
import { rcsSchema } from "../templates/rcs.ts";
import { bodyOf, type RichContent, readContent } from "../templates/rich-content.ts";
import type { Channel } from "../templates/template.ts";
import { videoSmsSchema } from "../templates/video-sms.ts";
import { invalid, type Problem, problem } from "./problem.ts";

export const channelField = z.enum(CHANNELS);

/** Judged by its channel, so that a fault is told where it is. */
export const contentField = z.record(z.string(), z.unknown()).openapi({
  description:
    "What a `video_sms` or an `rcs` message shows, in place of `body`; `{{name}}` and `{{name|fallback}}` in its texts. As `VideoSmsContent` or `RcsContent`.",
});

export const contentSchema = z.union([
  videoSmsSchema.openapi("VideoSmsContent"),
  rcsSchema.openapi("RcsContent"),
]);

/** Everything that is wrong with a draft, by field. */
export function faultsProblem(faults: readonly DraftFault[]): Problem {
  const [first] = faults;
  const detail = first && `${first.path}: ${first.message}`;
  return problem("invalid-request", detail, { errors: faults });
}

interface Said {
  readonly body?: string | undefined;
  readonly content?: Readonly<Record<string, unknown>> | undefined;
}

/** A text, or content with its texts. */
export interface ReadText {
  readonly body: string;
  readonly content: RichContent | null;
}

/** What a template of the channel says; null where nothing was said. */
export function readText(channel: Channel, said: Said): ReadText | Problem | null {
  if (channel === "sms") {
    if (said.content) return invalid("content", "is for video_sms and rcs · 仅用于视频短信与 RCS");
    return said.body === undefined ? null : { body: said.body, content: null };
  }
  if (said.body !== undefined) {
    return invalid("body", "is for sms: give the content · 仅用于短信，请填写 content");
  }
  if (!said.content) return null;
  const read = readContent(channel, said.content);
  return read.ok ? { body: bodyOf(read.value), content: read.value } : faultsProblem(read.error);
}

/** Vendors take codes as texts alone, and so do handsets. */
export const refusedChannel = (channel: Channel, category: Category): Problem | null =>
  category === "otp" && channel !== "sms"
    ? invalid("channel", "must be sms for codes · 验证码只能使用短信")
    : null;

export const missingText = (channel: Channel): Problem =>
  channel === "sms"
    ? invalid("body", "is needed · 不能为空")
    : invalid("content", "is needed · 不能为空");

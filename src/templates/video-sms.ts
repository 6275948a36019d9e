import { z } from "zod";
import { fallback, mediaUrl, words } from "./content-fields.ts";

const MOST_PARTS = 10;
/** Bytes of a whole message, its texts included: carriers take less than this. */
export const MOST_BYTES = 1_800_000;

const size = z
  .int()
  .min(1)
  .max(MOST_BYTES - 1);

const part = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: words(1_000) }),
  z.strictObject({
    type: z.literal("image"),
    url: mediaUrl,
    media_type: z.enum(["image/jpeg", "image/png", "image/gif"]),
    size,
  }),
  z.strictObject({
    type: z.literal("video"),
    url: mediaUrl,
    media_type: z.enum(["video/mp4", "video/3gpp"]),
    size,
  }),
]);

const hasEmoji = (text: string): boolean => /\p{Emoji_Presentation}|\uFE0F/u.test(text);

const bytesOf = (one: z.infer<typeof part>): number =>
  one.type === "text" ? new TextEncoder().encode(one.text).length : one.size;

/** A video SMS (超级短信): its parts are shown one below the other. */
export const videoSmsSchema = z
  .strictObject({
    subject: words(20),
    parts: z.array(part).min(2).max(MOST_PARTS),
    fallback,
  })
  .check(({ value, issues }) => {
    const fault = (message: string, ...path: (string | number)[]) =>
      issues.push({ code: "custom", input: value, path, message });
    const { subject, parts } = value;
    if (!parts.some((one) => one.type === "text")) {
      fault("must hold a text · 须至少包含一段文字", "parts");
    }
    if (parts.every((one) => one.type === "text")) {
      fault("must hold an image or a video · 须至少包含一个图片或视频", "parts");
    }
    if (parts.reduce((sum, one) => sum + bytesOf(one), 0) >= MOST_BYTES) {
      fault("must be less than 1.8 MB in all · 总大小须小于 1.8 MB", "parts");
    }
    const emoji = "must not hold emoji · 不能含有表情符号";
    if (hasEmoji(subject)) fault(emoji, "subject");
    for (const [index, one] of parts.entries()) {
      if (one.type === "text" && hasEmoji(one.text)) fault(emoji, "parts", index, "text");
    }
    if (/[{}]/.test(subject)) fault("takes no variables · 不支持变量", "subject");
  });

export type VideoSmsContent = z.infer<typeof videoSmsSchema>;

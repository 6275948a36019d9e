import { z } from "zod";
import { fallback, linkUrl, mediaUrl, words } from "./content-fields.ts";

/** What holds for Google's platform and for the carriers' 5G messages: the stricter of the two. */
const MOST_CARDS = 10;
const MOST_SUGGESTIONS = 11;
const MOST_IN_CARD = 4;
const MOST_IMAGE_BYTES = 2_000_000;
const MOST_VIDEO_BYTES = 10_000_000;
const MOST_THUMBNAIL_BYTES = 100_000;

const label = { text: words(25) };
/** What comes back to us when it is pressed. */
const postback = words(2_048);

const suggestion = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("reply"), ...label, postback }),
  z.strictObject({
    type: z.literal("open_url"),
    ...label,
    url: linkUrl,
    postback: postback.optional(),
  }),
  z.strictObject({
    type: z.literal("dial"),
    ...label,
    phone: z.string().regex(/^\+?\d{3,15}$/, "must be a number to call · 须为可拨打的号码"),
    postback: postback.optional(),
  }),
  z.strictObject({
    type: z.literal("view_location"),
    ...label,
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    label: words(100).optional(),
    postback: postback.optional(),
  }),
  z.strictObject({
    type: z.literal("share_location"),
    ...label,
    postback: postback.optional(),
  }),
  z
    .strictObject({
      type: z.literal("calendar"),
      ...label,
      title: words(100),
      description: words(500).optional(),
      start: z.iso.datetime({ offset: true }),
      end: z.iso.datetime({ offset: true }),
      postback: postback.optional(),
    })
    .refine(({ start, end }) => Date.parse(end) > Date.parse(start), {
      path: ["end"],
      message: "must be after the start · 须晚于开始时间",
    }),
]);

const MEDIA_TYPES = ["image/jpeg", "image/png", "video/mp4", "video/webm"] as const;

const media = z
  .strictObject({
    url: mediaUrl,
    media_type: z.enum(MEDIA_TYPES),
    size: z.int().min(1),
    height: z.enum(["short", "medium", "tall"]).default("medium"),
    description: words(200).optional(),
    thumbnail: z
      .strictObject({
        url: mediaUrl,
        media_type: z.enum(["image/jpeg", "image/png"]),
        size: z.int().min(1).max(MOST_THUMBNAIL_BYTES),
      })
      .optional(),
  })
  .refine(
    ({ media_type, size }) =>
      size <= (media_type.startsWith("image/") ? MOST_IMAGE_BYTES : MOST_VIDEO_BYTES),
    { path: ["size"], message: "must be at most 2 MB, 10 MB of a video · 图片 ≤2 MB，视频 ≤10 MB" },
  );

const card = z
  .strictObject({
    title: words(200).optional(),
    description: words(2_000).optional(),
    media: media.optional(),
    suggestions: z.array(suggestion).max(MOST_IN_CARD).default([]),
  })
  .refine(({ title, description, media: shown }) => Boolean(title ?? description ?? shown), {
    message: "must have a title, a description or media · 须有标题、描述或媒体",
  });

const below = { suggestions: z.array(suggestion).max(MOST_SUGGESTIONS).default([]), fallback };

/** A message by RCS or 5G: a text, a card or a carousel of cards, with buttons below. */
export const rcsSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: words(2_000), ...below }),
  z
    .strictObject({
      type: z.literal("card"),
      orientation: z.enum(["vertical", "horizontal"]).default("vertical"),
      /** Of a horizontal card. */
      image_side: z.enum(["left", "right"]).default("left"),
      card,
      ...below,
    })
    .refine(
      ({ orientation, card: { title, description, media: shown, suggestions } }) =>
        orientation === "vertical" ||
        !shown ||
        title !== undefined ||
        description !== undefined ||
        suggestions.length > 0,
      {
        path: ["card"],
        message: "needs words or buttons beside its media · 横向卡片须有文字或按钮",
      },
    ),
  z
    .strictObject({
      type: z.literal("carousel"),
      width: z.enum(["small", "medium"]).default("medium"),
      cards: z.array(card).min(2).max(MOST_CARDS),
      ...below,
    })
    .check(({ value, issues }) => {
      if (value.width !== "small") return;
      for (const [index, one] of value.cards.entries()) {
        if (one.media?.height !== "tall") continue;
        const path = ["cards", index, "media", "height"];
        const message = "can't be tall in a small carousel · 小尺寸轮播不支持 tall";
        issues.push({ code: "custom", input: value, path, message });
      }
    }),
]);

export type RcsContent = z.infer<typeof rcsSchema>;

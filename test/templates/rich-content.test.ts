import { describe, expect, it } from "vitest";
import { checkDraft } from "../../src/templates/check-draft.ts";
import { previewText } from "../../src/templates/preview-text.ts";
import {
  bodyOf,
  mapTexts,
  type RichChannel,
  type RichContent,
  readContent,
  textsOf,
  wordsOf,
} from "../../src/templates/rich-content.ts";
import { MOST_BYTES } from "../../src/templates/video-sms.ts";

const IMAGE = {
  type: "image",
  url: "https://cdn.shop.example/a.jpg",
  media_type: "image/jpeg",
  size: 1_000,
};
const TEXT = { type: "text", text: "{{name}}您好" };
const video = (change: object = {}) => ({ subject: "新品", parts: [TEXT, IMAGE], ...change });

const PICTURE = { url: IMAGE.url, media_type: "image/png", size: 2_000_000 };
const JOIN = { type: "open_url", text: "立即参与", url: "{{link}}" };
const CHANGE = { type: "reply", text: "修改订单", postback: "change:{{order_no}}" };
const CARD = { title: "{{title}}", media: PICTURE, suggestions: [JOIN, CHANGE] };
const carousel = (change: object = {}) => ({
  type: "carousel",
  cards: [CARD, { description: "b" }],
  ...change,
});

function read(channel: RichChannel, value: unknown): RichContent {
  const content = readContent(channel, value);
  if (!content.ok) throw new Error(JSON.stringify(content.error));
  return content.value;
}
const paths = (channel: RichChannel, value: unknown) => {
  const content = readContent(channel, value);
  return content.ok ? [] : content.error.map((fault) => fault.path);
};

describe("a video SMS", () => {
  it("keeps its parts in their order", () => {
    expect(read("video_sms", video())).toEqual({ ...video(), fallback: null });
  });

  it("is less than 1.8 MB, its texts included", () => {
    const sized = (size: number) =>
      video({
        parts: [
          { type: "text", text: "中" },
          { ...IMAGE, size },
        ],
      });
    expect(paths("video_sms", sized(MOST_BYTES - 4))).toEqual([]);
    expect(paths("video_sms", sized(MOST_BYTES - 3))).toEqual(["content.parts"]);
  });

  it.each([
    [{ subject: "x".repeat(21) }, "content.subject"],
    [{ subject: "{{name}}" }, "content.subject"],
    [{ subject: "🎁" }, "content.subject"],
    [{ parts: [TEXT, TEXT] }, "content.parts"],
    [{ parts: [IMAGE, IMAGE] }, "content.parts"],
    [{ parts: [TEXT, ...Array.from({ length: 10 }, () => IMAGE)] }, "content.parts"],
    [{ parts: [{ type: "text", text: "🎁" }, IMAGE] }, "content.parts.0.text"],
    [{ parts: [TEXT, { ...IMAGE, url: "http://cdn.shop.example/" }] }, "content.parts.1.url"],
    [{ parts: [TEXT, { ...IMAGE, media_type: "video/mp4" }] }, "content.parts.1.media_type"],
    [{ parts: [TEXT, { ...IMAGE, name: "a.jpg" }] }, "content.parts.1.name"],
  ])("with %j is refused at %s", (change, path) => {
    expect(paths("video_sms", video(change))).toEqual([path]);
  });
});

describe("an RCS message", () => {
  it("is a text, a card or a carousel", () => {
    expect(paths("rcs", { type: "text", text: "x".repeat(2_000) })).toEqual([]);
    expect(paths("rcs", { type: "card", card: CARD })).toEqual([]);
    expect(paths("rcs", carousel())).toEqual([]);
    expect(paths("rcs", video())).toEqual(["content.type"]);
  });

  it.each([
    [{ type: "text", text: "x".repeat(2_001) }, "content.text"],
    [{ type: "text", text: " " }, "content.text"],
    [{ type: "card", card: {} }, "content.card"],
    [{ type: "card", orientation: "horizontal", card: { media: PICTURE } }, "content.card"],
    [{ type: "card", card: { media: { ...PICTURE, size: 2_000_001 } } }, "content.card.media.size"],
    [
      { type: "card", card: { title: "a", suggestions: Array.from({ length: 5 }, () => CHANGE) } },
      "content.card.suggestions",
    ],
    [carousel({ cards: [CARD] }), "content.cards"],
    [carousel({ cards: Array.from({ length: 11 }, () => CARD) }), "content.cards"],
    [
      carousel({ width: "small", cards: [{ media: { ...PICTURE, height: "tall" } }, CARD] }),
      "content.cards.0.media.height",
    ],
    [carousel({ suggestions: Array.from({ length: 12 }, () => CHANGE) }), "content.suggestions"],
    [
      carousel({ suggestions: [{ ...CHANGE, text: "x".repeat(26) }] }),
      "content.suggestions.0.text",
    ],
    [
      carousel({ suggestions: [{ ...JOIN, url: "javascript:alert(1)" }] }),
      "content.suggestions.0.url",
    ],
  ])("such as %j is refused at %s", (value, path) => {
    expect(paths("rcs", value)).toEqual([path]);
  });
});

describe("structured content", () => {
  const content = read("rcs", carousel());

  it("has variables in whatever it shows and carries, and in no picture's address", () => {
    const checked = checkDraft({
      category: "marketing",
      body: bodyOf(content),
      content,
      variables: [{ name: "link", type: "url" }],
    });
    expect(checked.ok && checked.value.map((one) => [one.name, one.type])).toEqual([
      ["title", "text"],
      ["link", "url"],
      ["order_no", "text"],
    ]);
    expect(textsOf(content).map((one) => one.path)).not.toContain("content.cards.0.media.url");
    expect(mapTexts(content, () => "x")).toMatchObject({
      cards: [{ title: "x", media: PICTURE }, { description: "x" }],
    });
  });

  it("says in which of its texts a variable is wrong", () => {
    const torn = read("rcs", carousel({ cards: [{ title: "{{a" }, CARD] }));
    expect(
      checkDraft({ category: "marketing", body: bodyOf(torn), content: torn, variables: [] }),
    ).toMatchObject({ ok: false, error: [{ path: "content.cards.0.title" }] });
  });

  it("is previewed filled in, with what a person reads of it, and refuses a missing value", () => {
    const draft = { category: "marketing", body: bodyOf(content), content, variables: [] } as const;
    const values = { title: "周年庆", link: "https://shop.example/", order_no: 7 };
    expect(previewText(draft, values)).toMatchObject({
      value: {
        text: "周年庆\n立即参与\n修改订单\nb",
        content: { cards: [{ suggestions: [{ url: values.link }, { postback: "change:7" }] }, {}] },
      },
    });
    expect(wordsOf(content)).not.toContain("order_no");
    expect(previewText(draft, { title: "a", link: "b" })).toMatchObject({
      error: [{ path: "variables.order_no" }],
    });
  });
});

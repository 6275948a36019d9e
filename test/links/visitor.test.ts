import { describe, expect, it } from "vitest";
import { visitorOf } from "../../src/links/visitor.ts";

const ask = (agent: string | null, headers: Record<string, string> = {}, method = "GET") =>
  visitorOf(
    new Request("http://hongyan.test/l/x", {
      method,
      headers: { ...headers, ...(agent === null ? {} : { "User-Agent": agent }) },
    }),
  );

const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";

describe("who opens a link", () => {
  it.each([
    ["Safari", SAFARI],
    [
      "Chrome",
      "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36",
    ],
    [
      "the browser within WeChat",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.40",
    ],
    [
      "the browser within Facebook",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]",
    ],
  ])("is a person in %s", (_, agent) => {
    expect(ask(agent)).toBe("person");
  });

  it.each([
    ["WhatsApp and Signal", "WhatsApp/2.23.20.0"],
    [
      "iMessage",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    ],
    ["Telegram", "TelegramBot (like TwitterBot)"],
    ["LINE", "facebookexternalhit/1.1;line-poker/1.0"],
    ["KakaoTalk", "kakaotalk-scrap/1.0"],
    ["Viber", "Viber/13.3.0 CFNetwork/1410"],
    ["Slack", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"],
    ["Skype", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"],
    ["an Android app of its own", "Dalvik/2.1.0 (Linux; U; Android 12; Pixel 6)"],
    ["a script", "curl/8.5.0"],
    [
      "a browser without a window",
      "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120 Safari/537.36",
    ],
    ["nobody who says so", null],
  ])("is a program that makes previews for %s", (_, agent) => {
    expect(ask(agent)).toBe("bot");
  });

  it("is a program where the head alone is asked for", () => {
    expect(ask(SAFARI, {}, "HEAD")).toBe("bot");
  });

  it.each([
    ["Sec-Purpose", "prefetch;prerender"],
    ["Purpose", "prefetch"],
    ["X-Purpose", "preview"],
    ["X-Moz", "prefetch"],
  ])("is a browser ahead of its person with %s: %s", (name, value) => {
    expect(ask(SAFARI, { [name]: value })).toBe("prefetch");
  });
});

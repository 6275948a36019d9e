import { describe, expect, it } from "vitest";
import { policyOf } from "../../src/compliance/policies.ts";
import { readIntent, saysMore } from "../../src/inbox/intent.ts";

const wordsOf = (country: string) => policyOf({}, "marketing", country).opt_out_words;
const inChina = (text: string) => readIntent(text, wordsOf("CN"));
const inAmerica = (text: string) => readIntent(text, wordsOf("US"));

describe("a reply ends offers", () => {
  it.each([
    ...["TD", "td", "Td ", "Ｔｄ ", "ＴＤ", "TD。", "【TD】", "“TD”", "TD!!!"],
    ...["🙏TD🙏", "T\u200bD", "TD\ufe0f", "R", "r", "Ｒ", "T", "N", "n.", "0000", "００００"],
    ...[
      "退订",
      "退订。",
      "退订谢谢",
      "退订，谢谢！",
      "请退订",
      "麻烦退订一下",
      "我要退订",
      "退订吧",
      "退订短信",
    ],
    ...["退訂", "TD谢谢", "回复TD", "取消", "取消谢谢", "拒收", "拒收！", "STOP", "stop", "Stop."],
    ...["ＳＴＯＰ", "STOP please", "please stop", "Please, STOP!", "stop ❤️ thanks", "unsubscribe"],
    ...["UNSUBSCRIBE me", "stop texting me", "stop all", "stop now", "STOP谢谢", "ok stop"],
  ])("in the mainland with %j", (text) => expect(inChina(text)).toBe("opt-out"));

  it.each([
    ...["STOP", "stop.", "QUIT", "end", "Revoke", "OPT OUT", "opt-out", "opt   out", "OptOut"],
    ...["cancel", "CANCEL please", "stopall", "Stop All", "Quit, thanks", "退订", "TD", "R", "r."],
  ])("in America with %j", (text) => expect(inAmerica(text)).toBe("opt-out"));

  it.each([
    ...["don't stop", "please don't stop", "DON’T STOP", "never stop", "bus stop"],
    ...["cancel my order", "cancel order 17", "can I cancel?", "the end", "end of sale when?"],
    ...["T恤多少钱", "T恤", "取消订单", "请取消订单", "不要退订", "不退订", "怎么退订？", "退订单"],
    ...[
      "R谢谢",
      "N多",
      "Thanks",
      "谢谢",
      "ok",
      "收到",
      "好的",
      "R U OK",
      "TDK",
      "STOPPED",
      "unstoppable",
    ],
    ...["", " ", "😀", "?", `STOP ${"please ".repeat(20)}`, "1", "000", "00000"],
  ])("not with %j", (text) => {
    expect(inChina(text)).toBe("text");
    expect(inAmerica(text)).not.toBe("opt-out");
  });

  it.each([
    ...["STOP SPAM ME", "stop bothering me", "Stop, I beg", "stop the order", "STOP it, idiots"],
    ...[
      "unsubscribe my number",
      "Unsubscribe. Now!!",
      "STOP 🛑 right now",
      "ＳＴＯＰ　ｓｅｎｄｉｎｇ",
    ],
    ...["退订，别烦我", "退订！不想要了", "退订 我不买", "退訂，唔好再發", "STOP 别来烦我"],
  ])("with a word that means nothing else, before others: %j", (text) => {
    expect(inChina(text)).toBe("opt-out");
    expect(inAmerica(text)).toBe("opt-out");
  });

  it.each(["QUIT sending stuff", "Revoke my consent", "opt out everything", "optout right now"])(
    "in America with %j",
    (text) => {
      expect(inAmerica(text)).toBe("opt-out");
      expect(inChina(text)).toBe("text");
    },
  );

  it.each([
    ...["cancel my order", "Cancel it, wrong size", "cancel order", "END of sale?", "end date?"],
    ...["R u there?", "R you open", "T shirt price?", "N size please", "td bank", "TD 尺码"],
    ...["取消 我的订单", "取消，尺码错了", "拒收 那个快递", "退订单", "退订订单", "退订房间"],
    ...["stop it from being shipped twice", "don't stop", "please do not stop", "Stopwatch price?"],
    ...["退订，请问我的订单到哪里了", "0000 1234", "nonstop flights", "stopped working again"],
  ])("but not where it may be about an order, or is longer: %j", (text) => {
    expect(inChina(text)).toBe("text");
    expect(inAmerica(text)).toBe("text");
  });

  it.each([
    ["STOP", false],
    ["stop please", false],
    ["退订谢谢", false],
    ["退订，别再发了", false],
    ["stop the order", true],
    ["退订，尺码错了", true],
  ])("and %j says more than that: %s", (text, more) => {
    expect(inChina(text)).toBe("opt-out");
    expect(saysMore(text, wordsOf("CN"))).toBe(more);
  });

  it("with a country's own words there alone", () => {
    expect(readIntent("arrêt", ["ARRÊT"])).toBe("opt-out");
    for (const text of ["ARRET", "arrêt", "Arre\u0302t svp", "ARRÊT !"]) {
      expect(readIntent(text, wordsOf("CA"))).toBe("opt-out");
      expect(readIntent(text, wordsOf("FR"))).toBe("opt-out");
    }
    expect(readIntent("Sair, obrigado", wordsOf("BR"))).toBe("opt-out");
    expect(inChina("sair")).toBe("text");
    expect(inAmerica("取消")).toBe("text");
    expect(inAmerica("N")).toBe("text");
  });
});

describe("a reply", () => {
  it.each([
    ["投诉", "complaint"],
    ["我要投诉！", "complaint"],
    ["投诉你们", "complaint"],
    ["投诉：天天骚扰", "complaint"],
    ["Complaint: too many texts", "complaint"],
    ["投诉电话是多少", "text"],
    ["HELP", "help"],
    ["help please", "help"],
    ["帮助", "help"],
    ["help my order is late", "text"],
    ["START", "start"],
    ["yes", "start"],
    ["恢复", "start"],
    ["yes but when", "text"],
  ])("%j is %s", (text, intent) => {
    expect(inChina(text)).toBe(intent);
    expect(inAmerica(text)).toBe(intent);
  });

  it("of any length and any signs is read in a moment", () => {
    const before = performance.now();
    for (const piece of ["谢", "谢谢", "please ", "🙏", "\u0301", "ok", "我要退"]) {
      expect(inChina(piece.repeat(5_000))).toBe("text");
    }
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

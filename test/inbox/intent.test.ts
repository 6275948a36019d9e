import { describe, expect, it } from "vitest";
import { policyOf } from "../../src/compliance/policies.ts";
import { readIntent } from "../../src/inbox/intent.ts";

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
    ...[
      "don't stop",
      "please don't stop",
      "DON’T STOP",
      "never stop",
      "stop the order",
      "bus stop",
    ],
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

  it("with a country's own words there alone", () => {
    expect(readIntent("arrêt", ["ARRÊT"])).toBe("opt-out");
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

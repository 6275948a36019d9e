import { describe, expect, it } from "vitest";
import { planRoute, type RouteInput } from "../../src/dispatch/plan-route.ts";
import type { Account } from "../../src/routing/account.ts";
import type { Binding } from "../../src/templates/template.ts";
import { aContext, aRule } from "../routing/builders.ts";
import { aBinding, anAccount } from "./builders.ts";

const aliyun = anAccount("aliyun");
const tencent = anAccount("tencent");

function planned(facts: {
  readonly bindings: readonly Binding[];
  readonly accounts?: readonly Account[];
  readonly change?: Partial<RouteInput>;
}) {
  const { bindings, accounts = [aliyun, tencent], change = {} } = facts;
  const { accounts: route, step } = planRoute(
    {
      routes: [aRule("priority", { acc_aliyun: 1, acc_tencent: 1 })],
      accounts,
      template: { category: "notification", channel: "sms", bindings },
      to: "+8613800138000",
      country: "CN",
      numberKey: "number-1",
      segments: 1,
      length: 20,
      ...change,
    },
    (unfit) => aContext(accounts, { unfit }),
  );
  return { ids: route.map((account) => account.id), step };
}

describe("the route of a message", () => {
  it("is every account that has its template approved, in the rule's order", () => {
    const bindings = [aBinding("acc_tencent"), aBinding("acc_aliyun")];
    expect(planned({ bindings }).ids).toEqual(["acc_aliyun", "acc_tencent"]);
  });

  it("leaves out an account whose binding is for other countries, and says why", () => {
    const bindings = [aBinding("acc_aliyun", { region: "international" }), aBinding("acc_tencent")];
    const { ids, step } = planned({ bindings });
    expect(ids).toEqual(["acc_tencent"]);
    expect(step.en).toContain("The template is not approved at this account.");
    expect(step.zh).toContain("模板在该账号尚未通过审核。");
  });

  it("waits for a review only where no other account can carry the text", () => {
    const waiting = aBinding("acc_aliyun", { status: "submitted" });
    expect(planned({ bindings: [waiting, aBinding("acc_tencent")] }).ids).toEqual(["acc_tencent"]);
    expect(planned({ bindings: [waiting] }).ids).toEqual(["acc_aliyun"]);
    expect(planned({ bindings: [aBinding("acc_aliyun", { status: "rejected" })] }).ids).toEqual([]);
  });

  it("leaves out an account whose provider is stopped, and waits for it where no other is left", () => {
    const why = { en: "Aliyun is stopped by an operator.", zh: "阿里云已被运营人员暂停。" };
    const accounts = [anAccount("aliyun", { stopped: why }), tencent];
    const both = [aBinding("acc_aliyun"), aBinding("acc_tencent")];
    const { ids, step } = planned({ bindings: both, accounts });
    expect(ids).toEqual(["acc_tencent"]);
    expect(step.en).toContain(why.en);
    expect(step.zh).toContain(why.zh);
    expect(planned({ bindings: [aBinding("acc_aliyun")], accounts }).ids).toEqual(["acc_aliyun"]);
    expect(planned({ bindings: [], accounts }).ids).toEqual([]);
  });

  it("leaves out an account that takes no text so long", () => {
    const bindings = [aBinding("acc_aliyun"), aBinding("acc_tencent")];
    const short = anAccount("aliyun", { provider: { ...aliyun.provider, longestText: 70 } });
    const accounts = [short, tencent];
    expect(planned({ bindings, accounts, change: { length: 70 } }).ids).toHaveLength(2);
    const { ids, step } = planned({ bindings, accounts, change: { length: 71 } });
    expect(ids).toEqual(["acc_tencent"]);
    expect(step.en).toContain("longer than the vendor takes");
  });

  it("leaves out an account that is disabled, even when it alone awaits a review", () => {
    const accounts = [anAccount("aliyun", { enabled: false }), tencent];
    const waiting = aBinding("acc_aliyun", { status: "submitted" });
    expect(planned({ bindings: [waiting], accounts }).ids).toEqual([]);
  });

  it("of an offer leaves out who has other words on file than it bears, and says so", () => {
    const frame = (before: string) => ({ before, behind: " Reply STOP" });
    const bindings = [
      aBinding("acc_aliyun", { region: "international", frame: "{} Reply STOP" }),
      aBinding("acc_tencent", { region: "international", frame: "<ADV> {} Reply STOP" }),
    ];
    const to = (wanted: string) =>
      planned({
        bindings,
        change: { country: "SG", frame: { wanted: frame(wanted), usual: frame("") } },
      });
    const marked = to("<ADV> ");
    expect(marked.ids).toEqual(["acc_tencent"]);
    expect(marked.step.en).toContain("words that offers to this country bear");
    expect(marked.step.zh).toContain("营销用语");
    expect(to("").ids).toEqual(["acc_aliyun"]);
  });
});

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { DAY } from "../../src/lib/time.ts";
import { forgetTexts, keepTexts, pageTexts, type SandboxText } from "../../src/sandbox/store.ts";

const deps = depsOf(env);
const NOW = Date.UTC(2001, 0, 1);
const storefront = "sto_of_the_sandbox_store";

const aText = (id: string): SandboxText => ({
  id,
  storefront,
  category: "otp",
  verification: "vrf_1",
  to: "+8613812349999",
  text: "【Shop】code 482913",
});
const page = (now: number, below?: string) =>
  pageTexts(deps, { storefront, below }, { limit: 10, now });

describe("texts of the sandbox", () => {
  it("read newest first, from where a page ended, and the same one again is one", async () => {
    await keepTexts(deps, [aText("msg_1"), aText("msg_2")], NOW);
    await keepTexts(deps, [aText("msg_2"), aText("msg_3")], NOW);
    expect((await page(NOW)).map((one) => one.id)).toEqual(["msg_3", "msg_2", "msg_1"]);
    expect(await page(NOW, "msg_2")).toEqual([{ ...aText("msg_1"), createdAt: NOW }]);
  });

  it("are sealed where they lie", async () => {
    const { results } = await env.DB.prepare("SELECT * FROM sandbox_messages").all();
    expect(results.length).toBeGreaterThan(0);
    expect(JSON.stringify(results)).not.toMatch(/13812349999|482913/);
  });

  it("are shown for a day, and then deleted", async () => {
    expect(await page(NOW + DAY - 1)).toHaveLength(3);
    expect(await page(NOW + DAY)).toEqual([]);
    await forgetTexts(deps.db, NOW + DAY - 1);
    expect(await page(NOW)).toHaveLength(3);
    await forgetTexts(deps.db, NOW + DAY);
    expect(await page(NOW)).toEqual([]);
  });
});

import { expect, it } from "vitest";
import type { Push, Pushes } from "../../src/providers/provider.ts";
import { bentBodies } from "./mutations.ts";
import type { ProviderSamples, PushSamples } from "./samples.ts";

/** What holds for everything that a vendor pushes; `read` gives the elements by one name. */
export function keepsThePushContract(
  what: "receipts" | "replies",
  pushes: Pushes<unknown, unknown>,
  samples: PushSamples,
  credentials: ProviderSamples["credentials"],
  read: (push: Push) => { readonly elements: readonly unknown[]; readonly unreadable: number },
): void {
  const { element, broken, reads } = samples;
  const whole = samples.push([element]);

  it(`reads ${what}`, () => {
    const { elements, unreadable } = read(whole);
    expect(unreadable).toBe(0);
    expect(elements).toEqual([expect.objectContaining(reads)]);
  });

  if (samples.holds === "many") {
    it(`reads all ${what} of a push but the broken ones`, () => {
      const push = samples.push([...broken.flatMap((each) => [element, each]), element]);
      const { elements, unreadable } = read(push);
      expect(unreadable).toBe(broken.length);
      expect(elements).toHaveLength(broken.length + 1);
      for (const each of elements) expect(each).toMatchObject(reads);
      expect(read(samples.push([]))).toEqual({ elements: [], unreadable: 0 });
    });
  }

  if (samples.holds === "one") {
    it(`counts broken ${what} as unreadable`, () => {
      for (const each of broken) {
        expect(read(samples.push([each]))).toEqual({ elements: [], unreadable: 1 });
      }
    });
  }

  it(`finds one unreadable element in a push that has no ${what}`, () => {
    const bare = { ...whole, url: whole.url.split("?", 1)[0] ?? "" };
    const wrapped = JSON.stringify(samples.holds === "many" ? element : [element]);
    for (const body of ["", "[", "<html>", "null", "7", "%", wrapped]) {
      expect(read({ ...bare, body })).toEqual({ elements: [], unreadable: 1 });
    }
  });

  it(`throws nothing however a push of ${what} is bent`, () => {
    for (const body of bentBodies(whole.body)) {
      expect(() => read({ ...whole, body })).not.toThrow();
      expect(() => pushes.isAuthentic?.(credentials, { ...whole, body })).not.toThrow();
    }
  });

  if (pushes.isAuthentic) {
    it(`knows the vendor's ${what} from anybody else's`, () => {
      const isAuthentic = (push: Push, by: unknown = credentials) =>
        pushes.isAuthentic?.(by, push) ?? false;
      expect(isAuthentic(whole)).toBe(true);
      expect(isAuthentic({ ...whole, body: `${whole.body}0` })).toBe(false);
      expect(isAuthentic({ ...whole, body: "", headers: {} })).toBe(false);
      const others = Object.entries(credentials).map(([name, value]) => [name, `${value}0`]);
      expect(isAuthentic(whole, Object.fromEntries(others))).toBe(false);
    });
  }

  it(`acknowledges ${what} in the vendor's own words`, () => {
    expect(pushes.acknowledgement).toEqual(samples.acknowledgement);
  });
}

import { describe, expect, it } from "vitest";
import { isProviderId, providers } from "../../src/providers/registry.ts";
import { keepsTheContract } from "./contract.ts";
import { samples } from "./samples.ts";

describe("the registry", () => {
  it.each(Object.entries(providers))("lists %s under its own id", (id, provider) => {
    expect(provider.id).toBe(id);
    expect(isProviderId(id)).toBe(true);
  });

  it.each(["constructor", "toString", "__proto__", "nobody", ""])("knows no %s", (id) => {
    expect(providers[id]).toBeUndefined();
    expect(isProviderId(id)).toBe(false);
  });
});

describe.each(Object.entries(samples))("%s as a provider", (id, sample) => {
  const provider = providers[id];
  if (!provider) throw new Error(`${id} has samples and is not registered`);
  keepsTheContract(provider, sample);
});

import { describe, expect, it } from "vitest";
import { PRESETS } from "../../../src/triggers/presets.ts";
import { inTemplate } from "./builders.ts";

describe("the texts that come with the product", () => {
  it.each(PRESETS.map((preset) => [preset.name, preset] as const))(
    "hold nothing that the checks refuse: %s",
    (_, { category, text }) => {
      for (const body of Object.values(text)) {
        expect(inTemplate(body, { category }).filter((one) => one.severity !== "observe")).toEqual(
          [],
        );
      }
    },
  );
});

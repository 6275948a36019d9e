import type { Environment } from "./environment.ts";

const SAMPLE_NUMBER = "+8613800138000";

/** The block that tells a person where everything is and how to send a first code. */
export function renderBanner(
  { publicOrigin, simulatorOrigin, stateDirectory }: Environment,
  origin: string,
  rootKey: string,
): string {
  const addresses = [
    ["API", origin],
    ["Docs", `${origin}/docs`],
    ...(publicOrigin === origin ? [] : [["Public", publicOrigin]]),
    ...(simulatorOrigin === undefined ? [] : [["Handsets", `${simulatorOrigin}/`]]),
    ["Root key", rootKey],
    ["State", stateDirectory],
  ];
  return [
    "鸿雁 Hongyan is running.",
    "",
    ...addresses.map(([label, value]) => `  ${label?.padEnd(10)}${value}`),
    "",
    // Without the simulator there is no account yet that could carry a code.
    ...(simulatorOrigin === undefined ? [] : renderFirstSteps(origin, simulatorOrigin, rootKey)),
  ].join("\n");
}

function renderFirstSteps(origin: string, simulatorOrigin: string, rootKey: string): string[] {
  const body = JSON.stringify({ to: SAMPLE_NUMBER, purpose: "login" });
  return [
    "Send a code:",
    "",
    `  curl ${origin}/v1/verifications \\`,
    `    -H 'Authorization: Bearer ${rootKey}' -H 'Content-Type: application/json' \\`,
    `    -d '${body}'`,
    "",
    `Read it at ${simulatorOrigin}/ or with:`,
    "",
    `  curl ${simulatorOrigin}/handsets/${SAMPLE_NUMBER}/messages`,
    "",
  ];
}

import { problem } from "./problem.ts";

/** What a person is told whose proof is too old for what he asks. */
export const STEP_UP = problem(
  "forbidden",
  "Show again who you are, at POST /v1/session/step-up or by signing in anew: for this, within the last five minutes.",
);

import { fail, ok, type Result } from "../lib/result.ts";
import { admitTarget, type TargetRefusal, type TargetRules } from "../lib/target.ts";
import { type Problem, problem } from "./problem.ts";

const DETAILS: Readonly<Record<TargetRefusal, string>> = {
  "not-a-url": "is not a URL",
  "not-https": "must be an https URL",
  credentials: "must not hold a user name or password",
  fragment: "must not have a fragment",
  port: "must not name another port than 443",
  "own-host": "is this platform itself",
  "private-name": "names a host that is not public",
  "private-address": "is an address that is not public",
  unresolved: "names a host that has no address",
  "resolves-privately": "names a host whose address is not public",
};

export const targetProblem = (path: string, message: string): Problem =>
  problem("target-not-allowed", `${path}: ${message}`, { errors: [{ path, message }] });

/** A URL of a request's field, if requests of ours may go there. */
export async function readTarget(
  field: string,
  text: string,
  rules: TargetRules,
  ports?: "443" | "any",
): Promise<Result<URL, Problem>> {
  const target = await admitTarget(text, rules, ports);
  return target.ok ? ok(target.value) : fail(targetProblem(field, DETAILS[target.error]));
}

import type { Submission } from "../providers/provider.ts";
import { regionOf } from "../routing/route.ts";
import { render } from "../templates/template.ts";
import type { Candidate } from "./candidate.ts";

/** What goes to the handset, but for the account's own names of things. */
export interface Letter {
  readonly to: string;
  readonly country: string;
  readonly sender: string;
  readonly body: string;
  readonly code: string;
  readonly expiresAt: number;
}

/** A code on its way to one account, under the account's own names of things. */
export const submissionOf = (id: string, letter: Letter, candidate: Candidate): Submission => {
  const values: Readonly<Record<string, string>> = { code: letter.code };
  return {
    messageId: id,
    to: letter.to,
    region: regionOf(letter.country),
    sender: letter.sender,
    text: `【${letter.sender}】${render(letter.body, values)}`,
    templateId: candidate.templateId,
    parameters: candidate.parameters.map((name) => ({ name, value: values[name] ?? "" })),
    category: "otp",
    callbackUrl: null,
    validForSeconds: null,
  };
};

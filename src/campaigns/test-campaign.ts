import { type Accepted, acceptMessages, type MessageRefusal } from "../dispatch/accept-messages.ts";
import type { Result } from "../lib/result.ts";
import { variablesOf } from "../templates/template.ts";
import { textsOf } from "./approval.ts";
import type { Campaign } from "./campaign.ts";
import type { SendDeps } from "./send-members.ts";
import { valuesFor, valuesOfOffer } from "./values.ts";

/** What the messages of a test are found by. */
export const TEST_REFERENCE = "test";

/** One text to one of the numbers. */
export interface TestText {
  readonly variant: string;
  /** The place of the number in the list. */
  readonly index: number;
  readonly made: Result<Accepted, MessageRefusal>;
}

/**
 * Sends each text to each number now, outside of any run. What is known of no person stands as the
 * variable's own name; policies hold as for any other text.
 */
export async function testCampaign(
  deps: Omit<SendDeps, "keys">,
  { storefront: own, definition }: Campaign,
  numbers: readonly string[],
  request: string | null,
): Promise<TestText[]> {
  const { storefront } = deps;
  const offer = valuesOfOffer(definition.offer, storefront.timezone);
  const made = await Promise.all(
    definition.variants.map(async (variant) => {
      const variants = textsOf(variant, own, deps.templates);
      const names = variants.flatMap(({ body }) => variablesOf(body));
      const variables = valuesFor(
        variant,
        offer,
        Object.fromEntries(names.map((one) => [one, one])),
      );
      const texts = await acceptMessages(deps.accepting, {
        storefront,
        variants,
        recipients: numbers.map((to) => ({ to, variables, reference: TEST_REFERENCE })),
        sendAt: null,
        expiresInMs: null,
        urgent: false,
        campaign: null,
        request: request && `${request} ${variant.name}`,
      });
      return texts.map((one, index) => ({ variant: variant.name, index, made: one }));
    }),
  );
  return made.flat();
}

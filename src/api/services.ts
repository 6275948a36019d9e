import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import type { MessageLog } from "../messages/log.ts";
import type { Account } from "../routing/account.ts";
import type { RouteRule } from "../routing/choose-route.ts";
import type { HealthBook } from "../routing/health.ts";
import type { Sender } from "../senders/sender.ts";
import type { Template } from "../templates/template.ts";
import type { PhoneNumberStub } from "../verifications/plan.ts";
import type { VerificationSettings } from "../verifications/settings.ts";
import { endpoint } from "./endpoint.ts";

/** What the endpoints work with: configuration of this moment, and the ways to the stores. */
export interface Services {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly health: HealthBook;
  readonly log: MessageLog;
  readonly senders: readonly Sender[];
  readonly templates: readonly Template[];
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly phone: (objectName: string) => PhoneNumberStub;
  readonly settingsOf: (storefront: string) => VerificationSettings;
  /** Applies the change to what is stored at that moment; the next request sees it. */
  readonly changeSettings: (
    storefront: string,
    change: (settings: VerificationSettings) => VerificationSettings,
  ) => Promise<VerificationSettings>;
}

export const define = endpoint<Services>();

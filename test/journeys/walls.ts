// Operations by their names, `POST /v1/messages`, that a wall is not tested by, each list with its reason.

/** Who asks these is not known yet: signing in, and out. */
export const FOR_STRANGERS = [
  "GET /auth/passkey/generate-authenticate-options",
  "POST /auth/passkey/verify-authentication",
  "POST /auth/sign-in/email",
  "POST /auth/sign-out",
  "POST /auth/two-factor/verify-backup-code",
  "POST /auth/two-factor/verify-totp",
  "POST /v1/people/accept",
];

/** They tell a caller of himself alone. */
export const FOR_ANY_KEY = ["GET /v1/sandbox/messages", "GET /v1/session"];

/** It is read with a test key. */
export const OF_TEST_KEYS = "GET /v1/sandbox/messages";

/** Names of the product's own, which every storefront has. */
export const OF_THE_PRODUCT = [
  "POST /v1/playbooks/{name}/start",
  "POST /v1/rule-presets/{name}/enable",
];

/** They hold nothing of a storefront, and make nothing that stays. */
export const OF_NOBODY = ["POST /v1/qr"];

/** Fields that are called as a resource is: names of events, and what has a test of its own. */
export const NO_REFERENCES = ["event", "storefront"];

/** What a field of such a name refers to; `texts` are names of templates. */
export const REFERENCES: Readonly<Record<string, string>> = {
  answer: "texts",
  campaign: "campaigns",
  contact: "contacts",
  experiment: "campaigns",
  message: "messages",
  rollout: "campaigns",
  rule: "rules",
  segment: "segments",
  sender: "senders",
  template: "templates",
};

/** `utm_campaign` of a link may be any word. */
export const ANY_WORD = ["POST /v1/links campaign"];

/** Refused in its place in the answer, beside what went through. */
export const REFUSED_IN_PLACE = ["POST /v1/events/batch events.0.contact"];

/** They take templates of codes alone, and have a test of their own. */
export const OF_CODES = ["register", "login", "payment", "account_change"].map(
  (purpose) => `PUT /v1/verification-settings purposes.${purpose}.template`,
);

/** What a storefront without approved texts has, and what its bodies and paths refer to. */
export const OWN = [
  "campaigns",
  "contacts",
  "findings",
  "keyword-rules",
  "rules",
  "segments",
  "senders",
  "storefronts",
  "templates",
];

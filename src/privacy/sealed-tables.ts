/** Where a table lies: in the product's own database, or in each database of the log. */
export type Place = "db" | "log";

/**
 * What of a table was made with a data key. Names are the database's own; a sealed value is bound
 * to `<purpose>|<id of its row>`.
 */
export interface SealedTable {
  readonly place: Place;
  readonly table: string;
  /** The column of the row's id, where it is not `id`. */
  readonly id?: string;
  /** Each sealed column with its purpose. */
  readonly sealed: Readonly<Record<string, string>>;
  /** Each blind index with the sealed column that holds its number. */
  readonly indexes: Readonly<Record<string, string>>;
  /** Blind indexes that are looked up under every live key and whose rows are soon forgotten. */
  readonly passing?: readonly string[];
}

const accountSecret = "provider_accounts|token";
const endpointSecret = "webhook_endpoints|secret";

/** Every table that a rotation of the data keys has to rewrite. */
export const SEALED_TABLES: readonly SealedTable[] = [
  {
    place: "log",
    table: "messages",
    sealed: {
      to_sealed: "messages|to",
      text_sealed: "messages|text",
      variables_sealed: "messages|variables",
    },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "replies",
    sealed: {
      from_sealed: "replies|from",
      text_sealed: "replies|text",
      note_sealed: "replies|note",
    },
    indexes: { from_index: "from_sealed" },
  },
  {
    place: "db",
    table: "provider_accounts",
    sealed: {
      credentials_sealed: "provider_accounts|credentials",
      token_sealed: accountSecret,
      previous_token_sealed: accountSecret,
    },
    indexes: {},
  },
  {
    place: "db",
    table: "sandbox_messages",
    sealed: { to_sealed: "sandbox|to", text_sealed: "sandbox|text" },
    indexes: {},
  },
  {
    place: "db",
    table: "legal_holds",
    sealed: { to_sealed: "legal_holds|to", reason_sealed: "legal_holds|reason" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "contacts",
    sealed: { to_sealed: "contacts|to" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "suppressions",
    sealed: { to_sealed: "suppressions|to" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "opt_out_notices",
    sealed: { to_sealed: "opt_out_notices|to" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "consents",
    sealed: { to_sealed: "consents|to", evidence_sealed: "consents|evidence" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "complaints",
    sealed: { to_sealed: "complaints|to", text_sealed: "complaints|text" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "abuse_refusals",
    sealed: { to_sealed: "abuse_refusals|to" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "events",
    id: "key",
    sealed: { body_sealed: "event|body" },
    indexes: {},
    passing: ["to_index"],
  },
  {
    place: "db",
    table: "links",
    id: "code",
    sealed: { target_sealed: "links|target" },
    indexes: {},
    passing: ["to_index"],
  },
  {
    place: "db",
    table: "conversions",
    sealed: { to_sealed: "conversions|to" },
    indexes: { to_index: "to_sealed" },
  },
  {
    place: "db",
    table: "product_interests",
    sealed: {},
    indexes: {},
    passing: ["to_index"],
  },
  { place: "db", table: "hooks", sealed: { secret_sealed: "hooks|secret" }, indexes: {} },
  {
    place: "db",
    table: "webhook_endpoints",
    sealed: {
      url_sealed: "webhook_endpoints|url",
      secret_sealed: endpointSecret,
      previous_sealed: endpointSecret,
    },
    indexes: {},
  },
];

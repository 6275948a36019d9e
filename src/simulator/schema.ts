/**
 * The object's tables. Ids and correlations grow with time, so that every index but the one over
 * numbers is appended to.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS texts (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  number TEXT NOT NULL,
  sender TEXT NOT NULL,
  text TEXT NOT NULL,
  template TEXT NOT NULL,
  category TEXT NOT NULL,
  provider_message_id TEXT NOT NULL,
  correlation TEXT NOT NULL,
  extension TEXT NOT NULL,
  arrived INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  code TEXT NOT NULL,
  settles_at INTEGER
);
CREATE INDEX IF NOT EXISTS texts_by_number ON texts (number);
CREATE TABLE IF NOT EXISTS callback_urls (text_id INTEGER PRIMARY KEY, url TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS correlations (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replies (
  id INTEGER PRIMARY KEY,
  text_id INTEGER NOT NULL,
  content TEXT NOT NULL,
  sent_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS pushes (
  id INTEGER PRIMARY KEY,
  due_at INTEGER NOT NULL,
  provider TEXT NOT NULL,
  kind TEXT NOT NULL,
  ref INTEGER NOT NULL,
  attempt INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS pushes_by_due ON pushes (due_at);
CREATE TABLE IF NOT EXISTS filings (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  details TEXT NOT NULL,
  filed_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  withdrawn INTEGER NOT NULL DEFAULT 0,
  UNIQUE (provider, account, kind, key)
);
CREATE TABLE IF NOT EXISTS stats (
  provider TEXT PRIMARY KEY,
  requests INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  bad_signatures INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  duplicates INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS opt_outs (
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  sender TEXT NOT NULL,
  number TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (provider, account, sender, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handsets (number TEXT PRIMARY KEY, state TEXT NOT NULL);
DROP TABLE IF EXISTS tokens;
CREATE TABLE IF NOT EXISTS redeemed (token TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL) WITHOUT ROWID;
`;

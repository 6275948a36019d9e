import type { DBAdapter, DBAdapterInstance, DBTransactionAdapter, Where } from "better-auth/types";

type Stored = Readonly<Record<string, unknown>>;

export interface TokenHashing {
  readonly hash: (token: string) => string;
  /** Whether a session that was found may be used. */
  readonly mayUse: (session: Stored) => boolean;
}

const isSession = ({ model }: { readonly model: string }): boolean => model === "session";

const tokenOf = (where: readonly Where[]): string | null => {
  const found = where.find((one) => one.field === "token")?.value;
  return typeof found === "string" ? found : null;
};

const shown = <T>(session: T, token: string | null): T =>
  session && token !== null ? { ...session, token } : session;

/** Of what is left out here nothing names a session by its token. */
function hashing<A extends DBTransactionAdapter>(inner: A, { hash, mayUse }: TokenHashing): A {
  const hashed = (where: readonly Where[]): Where[] =>
    where.map((one) => {
      if (one.field !== "token") return one;
      const { value } = one;
      const tokens = Array.isArray(value) ? value.map((token) => hash(String(token))) : null;
      return { ...one, value: tokens ?? hash(String(value)) };
    });
  const asked = <T extends { readonly model: string; readonly where?: Where[] | undefined }>(
    input: T,
  ): T => (isSession(input) && input.where ? { ...input, where: hashed(input.where) } : input);

  return {
    ...inner,
    async create(input) {
      const { token } = input.data as Stored;
      if (!isSession(input) || typeof token !== "string") return inner.create(input);
      const data = { ...input.data, token: hash(token) };
      return shown(await inner.create({ ...input, data } as never), token) as never;
    },
    async findOne(input) {
      const found = await inner.findOne<Stored>(asked(input));
      if (!isSession(input) || !found) return found as never;
      return (mayUse(found) ? shown(found, tokenOf(input.where)) : null) as never;
    },
    async update(input) {
      const updated = await inner.update<Stored>(asked(input));
      return (isSession(input) ? shown(updated, tokenOf(input.where)) : updated) as never;
    },
    findMany: (input) => inner.findMany(asked(input)),
    delete: (input) => inner.delete(asked(input)),
    deleteMany: (input) => inner.deleteMany(asked(input)),
  };
}

/**
 * Keeps better-auth's session tokens out of the database: what it writes and looks for is a hash,
 * what it gets back is the token that it asked by.
 */
export const withHashedTokens =
  (open: DBAdapterInstance, how: TokenHashing): DBAdapterInstance =>
  (options) => {
    const inner: DBAdapter = open(options);
    const outer = hashing(inner, how);
    return {
      ...outer,
      transaction: (work) => inner.transaction((adapter) => work(hashing(adapter, how))),
    };
  };

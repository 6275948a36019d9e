import type { Tables } from "./tables.ts";

/** What a person may be kept from, or has agreed to: `all` is marketing and notification. */
export const PERMISSION_SCOPES = ["marketing", "all"] as const;
export type PermissionScope = (typeof PERMISSION_SCOPES)[number];

/** What stands for one number and storefront. Times in milliseconds. */
export interface Permissions {
  /** Since when texts are refused, by scope. */
  readonly suppressed: Readonly<Partial<Record<PermissionScope, number>>>;
  /** Since when texts are agreed to, by scope. */
  readonly consented: Readonly<Partial<Record<PermissionScope, number>>>;
  /** When a refusal was last taken back, by scope; only the number's object knows. */
  readonly lifted?: Readonly<Partial<Record<PermissionScope, number>>>;
  /** When a refusal that stood was last said again, by scope. */
  readonly repeated?: Readonly<Partial<Record<PermissionScope, number>>>;
}

type Kind = keyof Permissions;

const COLUMNS = `(
  storefront TEXT NOT NULL, scope TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (storefront, scope, kind)
) WITHOUT ROWID`;

/**
 * What one number refused and agreed to, in its object's SQLite; synchronous like all that decides
 * there. It is never forgotten: who opted out once stays out.
 */
export class PermissionBook {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  readonly #held = new Map<string, Permissions>();

  constructor(sql: SqlStorage, tables: Tables) {
    this.#sql = sql;
    this.#tables = tables;
  }

  #exists(): boolean {
    return this.#tables.has("permissions");
  }

  /** After the object's storage was deleted whole. */
  reset(): void {
    this.#held.clear();
  }

  isEmpty(): boolean {
    if (!this.#exists()) return true;
    return this.#sql.exec("SELECT 1 FROM permissions LIMIT 1").toArray().length === 0;
  }

  of(storefront: string): Permissions {
    const held = this.#held.get(storefront);
    if (held) return held;
    const found: { -readonly [kind in keyof Permissions]: Permissions[kind] } = {
      suppressed: {},
      consented: {},
    };
    if (this.#exists()) {
      const rows = this.#sql.exec(
        "SELECT scope, kind, at FROM permissions WHERE storefront = ?",
        storefront,
      );
      for (const { scope, kind, at } of rows) {
        found[kind as Kind] = { ...found[kind as Kind], [String(scope)]: Number(at) };
      }
    }
    this.#held.set(storefront, found);
    return found;
  }

  #set(storefront: string, scope: PermissionScope, kind: Kind, at: number, keep: string): void {
    this.#tables.make("permissions", COLUMNS);
    this.#sql.exec(
      `INSERT INTO permissions (storefront, scope, kind, at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = ${keep}(at, excluded.at)`,
      storefront,
      scope,
      kind,
      at,
    );
    this.#held.delete(storefront);
  }

  #clear(storefront: string, scope: PermissionScope, kind: Kind): boolean {
    if (!this.#exists()) return false;
    const gone = this.#sql.exec(
      "DELETE FROM permissions WHERE storefront = ? AND scope = ? AND kind = ? RETURNING at",
      storefront,
      scope,
      kind,
    );
    this.#held.delete(storefront);
    return gone.toArray().length > 0;
  }

  /** From now on texts of the scope are refused; true when they were not before. */
  suppress(storefront: string, scope: PermissionScope, at: number): boolean {
    const isNew = this.of(storefront).suppressed[scope] === undefined;
    this.#set(storefront, scope, "suppressed", at, "min");
    if (!isNew) this.#set(storefront, scope, "repeated", at, "max");
    return isNew;
  }

  /** Takes a refusal back that was last said before `saidBefore`; false when there was none such. */
  lift(
    storefront: string,
    scope: PermissionScope,
    at: number,
    saidBefore = Number.POSITIVE_INFINITY,
  ): boolean {
    const { suppressed, repeated } = this.of(storefront);
    const said = Math.max(suppressed[scope] ?? 0, repeated?.[scope] ?? 0);
    if (said >= saidBefore || !this.#clear(storefront, scope, "suppressed")) return false;
    this.#clear(storefront, scope, "repeated");
    this.#set(storefront, scope, "lifted", at, "max");
    return true;
  }

  grant(storefront: string, scope: PermissionScope, at: number): void {
    this.#set(storefront, scope, "consented", at, "max");
  }
}

/** Why a text may not leave for what its number said, or null. */
export function permissionFault(
  { suppressed, consented }: Permissions,
  text: {
    readonly category: "notification" | "marketing";
    readonly needsConsent: boolean;
  },
): "opted-out" | "no-consent" | null {
  if (suppressed.all !== undefined) return "opted-out";
  if (text.category === "marketing" && suppressed.marketing !== undefined) return "opted-out";
  if (!text.needsConsent) return null;
  const agreed = consented.all ?? (text.category === "marketing" ? consented.marketing : undefined);
  return agreed === undefined ? "no-consent" : null;
}

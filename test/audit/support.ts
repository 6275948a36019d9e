import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { AuditLogStub } from "../../src/audit/audit-log.ts";
import type { AuditRecord } from "../../src/audit/entry.ts";
import { openTrail } from "../../src/audit/trail.ts";
import { depsOf } from "../../src/deps.ts";
import { type Keys, openKeys } from "../../src/lib/keys.ts";

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** Data keys as `version, filled with`; the tests' own Worker has `[1, 2]`. */
export const keysOf = (...data: readonly (readonly [number, number])[]): Keys =>
  openKeys(
    {
      identityKey: Buffer.alloc(32, 1).toString("base64"),
      dataKeys: data
        .map(([version, fill]) => `${version}:${Buffer.alloc(32, fill).toString("base64")}`)
        .join(),
    },
    randomBytes,
  );

export const aRecord = (more: Partial<AuditRecord> = {}): AuditRecord => ({
  requestId: "req_1",
  actor: "root",
  actorName: null,
  action: "templates.update",
  resource: { type: "templates", id: "tpl_1" },
  storefront: null,
  ip: null,
  summary: { fields: ["body"] },
  ...more,
});

let logs = 0;

/** An audit log of its own, and what somebody could do to it who has the database but no key. */
export async function aLog(entries = 0, keys: Keys = depsOf(env).keys) {
  const stub = env.AUDIT_LOG.getByName(`log-of-a-test-${logs++}`);
  const log = stub as unknown as AuditLogStub;
  const trail = openTrail({ log: () => log, checkpoints: env.AUDIT_CHECKPOINTS, keys });
  const made = {
    stub,
    log,
    trail,
    async grow(count: number, more: Partial<AuditRecord> = {}) {
      for (let n = 0; n < count; n++) await trail.append(aRecord(more));
    },
    sql: (query: string, ...values: (string | number)[]) =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec(query, ...values).toArray()),
    checkpoint: () => runDurableObjectAlarm(stub),
    /** The verdict as `kind seq`. */
    async findings() {
      const { valid, findings } = await trail.verify();
      if (valid !== (findings.length === 0)) throw new Error("valid contradicts the findings");
      return findings.map(({ kind, seq }) => `${kind} ${seq}`);
    },
  };
  await made.grow(entries);
  return made;
}

/** Each file begins with a bucket of its own. */
export async function emptyBucket(): Promise<void> {
  const { objects } = await env.AUDIT_CHECKPOINTS.list();
  await env.AUDIT_CHECKPOINTS.delete(objects.map((one) => one.key));
}

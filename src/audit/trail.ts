import type { Keys } from "../lib/keys.ts";
import type { AuditLogStub } from "./audit-log.ts";
import { listCheckpoints } from "./checkpoint.ts";
import { type Verdict, verifyChain } from "./verify-chain.ts";

/** How the product writes the audit log, searches it and proves it. */
export type AuditTrail = Pick<AuditLogStub, "begin" | "end" | "forget" | "append" | "page"> & {
  verify(): Promise<Verdict>;
};

export interface TrailDeps {
  readonly log: () => AuditLogStub;
  readonly checkpoints: R2Bucket;
  readonly keys: Keys;
}

const ROWS_A_CALL = 1_000;

export const openTrail = ({ log, checkpoints, keys }: TrailDeps): AuditTrail => ({
  begin: (request, record) => log().begin(request, record),
  end: (request, done) => log().end(request, done),
  forget: (request) => log().forget(request),
  append: (record) => log().append(record),
  page: (filter, limit) => log().page(filter, limit),
  async verify() {
    const stub = log();
    // Checkpoints first: what is entered meanwhile makes the chain longer than they say, never shorter.
    const newest = await stub.newest();
    const found = await listCheckpoints(checkpoints);
    const read = (after: number) => stub.read(after, ROWS_A_CALL);
    return verifyChain(keys, { newest, checkpoints: found, read });
  },
});

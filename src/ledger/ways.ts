import type { Transfer } from "../messages/transfers.ts";
import type { Balance, Grouping } from "./balances.ts";
import type { BillFault } from "./bills/read-bill.ts";
import type { LedgerCheck } from "./check.ts";
import type { Package } from "./package.ts";
import type { TotalsFilter } from "./totals.ts";

/** A provider's file as it was taken in, before anybody said whose it is. */
export interface TakenBill {
  /** A `bil_` id. */
  readonly id: string;
  readonly digest: string;
  readonly rows: number;
}

/** What a bill is compared with. */
export interface BillOrder {
  readonly account: string;
  readonly currency: string;
  readonly after: number | null;
  readonly before: number | null;
}

export type NewPackage = Omit<Package, "id" | "used" | "createdAt">;

/** What endpoints do with the ledger. */
export interface LedgerWays {
  balances(filter: TotalsFilter, by: Grouping): Promise<readonly Balance[]>;
  entries(
    filter: {
      readonly storefront?: string | undefined;
      readonly subject?: string | undefined;
      readonly below?: { readonly subject: string; readonly n: number } | undefined;
    },
    limit: number,
  ): Promise<readonly Transfer[]>;
  /** Messages made in the time; null is without an end. */
  check(after: number | null, before: number | null): Promise<LedgerCheck>;
  buy(draft: NewPackage): Promise<Package>;
  takeBill(
    body: ReadableStream<Uint8Array>,
  ): Promise<
    | { readonly ok: true; readonly value: TakenBill }
    | { readonly ok: false; readonly error: BillFault }
  >;
  dropBill(id: string): Promise<void>;
  /** Begins to compare a bill; of a file that was there before it tells the earlier one. */
  beginBill(
    taken: TakenBill,
    order: BillOrder,
    later: (work: Promise<unknown>) => void,
  ): Promise<{ readonly id: string; readonly job: string | null }>;
}

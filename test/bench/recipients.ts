/** As `POST /v1/messages/batch` takes it. */
export interface Recipient {
  readonly to: string;
  readonly variables: Readonly<Record<string, string>>;
}

const CARRIERS = ["顺丰速运", "中通快递", "京东物流", "圆通速递"];

/** Recipients of one side: a fixed pool of mainland numbers in turn, and no text twice. */
export class Recipients {
  readonly #prefix: string;
  readonly #pool: number;
  #made = 0;

  /** `prefix` is the three digits after +86. */
  constructor(prefix: string, pool: number) {
    this.#prefix = prefix;
    this.#pool = pool;
  }

  take(count: number): Recipient[] {
    return Array.from({ length: count }, () => {
      const made = this.#made++;
      return {
        to: `+86${this.#prefix}${String(made % this.#pool).padStart(8, "0")}`,
        variables: {
          name: `顾客${made % this.#pool}`,
          order_no: `HY${String(made).padStart(10, "0")}`,
          carrier: CARRIERS[made % CARRIERS.length] ?? "",
        },
      };
    });
  }
}

/** Parts of at most `most`, in order. */
export const chunks = <T>(items: readonly T[], most: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, index) =>
    items.slice(index * most, (index + 1) * most),
  );

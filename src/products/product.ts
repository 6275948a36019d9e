/** One article of a storefront's catalogue. */
export interface Product {
  /** The shop's own. */
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
  /** False: it is recommended to nobody. */
  readonly available: boolean;
}

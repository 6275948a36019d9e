/** What a shop sends us, as it came. */
export interface Delivery {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A path such as `customer.phone`, or the part of what stands there that `take` captures. */
export type Place = string | { readonly at: string; readonly take: RegExp };

/** The first that has something counts. */
export type Places = readonly Place[];

/** Where a shop keeps what its customer said about offers by text: of his own number. */
export interface ConsentPlaces {
  /** The shop's own record, kept whole as the evidence. */
  readonly record: string;
  /** Fields of the record: what holds, in which of its values, how it was asked for, since when. */
  readonly state: string;
  readonly given: readonly string[];
  readonly withdrawn: readonly string[];
  readonly asked: string;
  readonly at: string;
}

/** A customer's own number and name: what he orders may go to somebody else. */
export interface CustomerPlaces {
  readonly to: Place;
  readonly name: Place;
  readonly consent: ConsentPlaces;
}

/** How one kind of call becomes an event. */
export interface Topic {
  /** The event's name; by what stands in the call where one kind of call can mean several. */
  readonly event: string | { readonly of: string; readonly by: Readonly<Record<string, string>> };
  /** What is the same in two calls about the same thing. */
  readonly identity: readonly string[];
  readonly to: Places;
  readonly country?: Places;
  /** For calls that name an order alone: which events may have told of it, and what they say better. */
  readonly follows?: {
    readonly events: readonly string[];
    readonly identity: readonly string[];
    readonly take: readonly string[];
  };
  /** A language tag, if the shop knows the customer's. */
  readonly locale?: Places;
  /** For calls about a customer, who is then a contact. */
  readonly customer?: CustomerPlaces;
  /** The event's data by name. */
  readonly data: Readonly<Record<string, Places>>;
  /** What stands for data that a call leaves out and a text needs: by country, `*` is any other. */
  readonly otherwise?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly occurredAt?: Places;
}

/** A shop system: how its calls are signed, and what they mean. Pure: all that varies is data. */
export interface Shop {
  readonly id: string;
  /** Without this header nothing of a call is read. */
  readonly signatureHeader: string;
  /** In constant time, over the bytes as they came. */
  readonly isSigned: (delivery: Delivery, secret: string) => boolean;
  readonly topicOf: (headers: Headers) => string;
  /** What the shop calls this very call. */
  readonly deliveryOf: (headers: Headers) => string | null;
  readonly topics: Readonly<Record<string, Topic>>;
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Hongyan } from "./hongyan.ts";
import { keysOf } from "./keying.ts";
import { type Operation, placesOf, put, readOperations } from "./operations.ts";
import { type Ids, ownBodies } from "./own-bodies.ts";
import { MAKERS, SHARED } from "./resources.ts";
import {
  ANY_WORD,
  FOR_ANY_KEY,
  FOR_STRANGERS,
  NO_REFERENCES,
  OF_CODES,
  OF_NOBODY,
  OF_TEST_KEYS,
  OF_THE_PRODUCT,
  OWN,
  REFERENCES,
  REFUSED_IN_PLACE,
} from "./walls.ts";

const product = new Hongyan();
const { as, ask, make } = keysOf(product);
let documented: Operation[] = [];
let operations: Operation[] = [];
beforeAll(async () => {
  await product.start();
  documented = await readOperations(product);
  operations = documented.filter(({ takesKey }) => takesKey);
});
afterAll(() => product.dispose());

const PARAMETER = /\{\w+\}/g;
const hasParameter = ({ path }: Operation): boolean => path.includes("{");
const resourceOf = ({ path }: Operation): string => path.split("/")[2] ?? "";
const resourcesOf = (which: readonly Operation[]): string[] => [
  ...new Set(
    which.filter((one) => hasParameter(one) && !OF_THE_PRODUCT.includes(one.name)).map(resourceOf),
  ),
];
const namesOf = (which: readonly Operation[]): string[] => which.map(({ name }) => name).sort();

describe("every endpoint", () => {
  let narrow: Record<string, string> = {};
  beforeAll(async () => {
    // A scope that is not the one asked for, whichever that is.
    const makeWith = async (scope: string) => (await make({ scopes: [scope] })).body.secret;
    narrow = { usual: await makeWith("sandbox:read"), other: await makeWith("live:read") };
  });

  /** What answers otherwise than by `wanted`. */
  async function answersOtherThan(
    wanted: number,
    which: readonly Operation[],
    headersFor: (operation: Operation) => Record<string, string>,
  ): Promise<string[]> {
    const wrong: string[] = [];
    for (const one of which) {
      const path = one.path.replace(PARAMETER, "any");
      const answer = await product.request(one.method, path, one.body, headersFor(one));
      if (answer.status !== wanted) wrong.push(`${one.name}: ${answer.status}`);
    }
    return wrong;
  }

  it("answers 401 without a key or a session, but those that strangers sign in with", async () => {
    const closed = documented.filter(({ name }) => !FOR_STRANGERS.includes(name));
    expect(closed.length).toBe(documented.length - FOR_STRANGERS.length);
    // A browser's own page asks without a session.
    const nobody = { Authorization: "", Origin: product.api };
    expect(await answersOtherThan(401, operations, () => nobody)).toEqual([]);
    const { Authorization: _, ...page } = nobody;
    const forPeople = closed.filter(({ takesKey }) => !takesKey);
    expect(forPeople.length).toBeGreaterThan(5);
    expect(await answersOtherThan(401, forPeople, () => page)).toEqual([]);
  });

  it("answers 403 to a key that lacks its scope", async () => {
    const scoped = operations.filter(({ scope }) => scope !== null);
    const rest = operations.filter(({ scope }) => scope === null);
    expect(namesOf(rest)).toEqual(FOR_ANY_KEY);
    const wrong = await answersOtherThan(403, scoped, ({ scope }) =>
      as((scope === "sandbox:read" ? narrow.other : narrow.usual) ?? ""),
    );
    expect(wrong).toEqual([]);
  });

  it("whose path names something is tried with another storefront's", () => {
    const untried = resourcesOf(operations).filter((resource) => !MAKERS[resource]);
    expect(untried, "add a maker to resources.ts for each of these").toEqual([]);
    const singular = resourcesOf(operations).map((resource) =>
      resource.replace(/ies$/, "y").replace(/s$/, "").replaceAll("-", "_"),
    );
    const known = [...Object.keys(REFERENCES), ...NO_REFERENCES];
    const unknown = new Set(singular.filter((field) => !known.includes(field)));
    const fields = operations.flatMap((one) => (one.schema ? placesOf(one.schema, unknown) : []));
    expect(fields, "say in walls.ts what each of these refers to").toEqual([]);
    const named = operations.filter(({ path }) => path.includes("{name}"));
    expect(namesOf(named)).toEqual(OF_THE_PRODUCT);
  });
});

describe("a key of one storefront", () => {
  let theirs: Ids = {};
  let mine: Ids = {};
  let secret = "";

  async function makeIn(storefront: string, resources: readonly string[]): Promise<Ids> {
    const ids: Record<string, string> = {};
    for (const resource of resources) {
      const maker = MAKERS[resource];
      if (maker && !SHARED.has(resource)) ids[resource] = await maker(product, storefront);
    }
    return ids;
  }

  const shared = async (storefront: string): Promise<Ids> => {
    const made = [...SHARED].map(async (one) => [one, await MAKERS[one]?.(product, storefront)]);
    return Object.fromEntries(await Promise.all(made));
  };

  beforeAll(async () => {
    const [first] = (await product.request("GET", "/v1/storefronts")).body.data;
    const own = await makeIn(first.id, resourcesOf(operations));
    theirs = { ...own, ...(await shared(first.id)), texts: "promo" };
    const opened = await product.post("/v1/storefronts", {
      name: "Second",
      domain: "second.example",
      default_country: "CN",
      timezone: "Asia/Shanghai",
      locale: "zh-CN",
      currency: "CNY",
    });
    const scopes = ["pii:read", ...new Set(operations.flatMap(({ scope }) => scope ?? []))];
    secret = (await make({ storefront: opened.body.id, scopes })).body.secret;
    const sender = (await ask(secret, "POST", "/v1/senders", { name: "第二商城" })).body.id;
    await ask(secret, "PATCH", `/v1/storefronts/${opened.body.id}`, { sender });
    const shipped = { name: "order-shipped", category: "notification", body: "hi" };
    await ask(secret, "POST", "/v1/templates", shipped);
    const made = await makeIn(opened.body.id, OWN);
    const { simulator } = product;
    mine = { ...made, ...(await shared(first.id)), texts: "order-shipped", simulator };
  });

  const bodyOf = ({ name, body }: Operation, place = "") =>
    ownBodies(mine)[`${name} ${place}`] ?? ownBodies(mine)[name] ?? body;
  /** Asks with the key; files go as such. */
  function tell({ method, types }: Operation, path: string, body: unknown) {
    const [type] = types;
    if (!type || type === "application/json") return ask(secret, method, path, body);
    return product.request(method, path, "to\n", { ...as(secret), "Content-Type": type });
  }
  const pathOf = (one: Operation, ids: Ids) =>
    one.path.replace(PARAMETER, ids[resourceOf(one)] ?? "any");

  /** Everything of theirs, as the root key sees it. */
  const everything = () =>
    Promise.all(
      [
        ...Object.entries(theirs)
          .filter(([resource]) => resource !== "texts")
          .map(([resource, id]) => `/v1/${resource}/${id}`),
        `/v1/verification-settings?storefront=${theirs.storefronts}`,
        "/v1/provider-accounts",
        "/v1/routes",
      ].map(async (path) => {
        const read = await product.request("GET", path);
        expect([path, read.status]).toEqual([path, 200]);
        return read.body;
      }),
    );

  it("finds nothing of another one by its id, and changes nothing of it", async () => {
    const before = await everything();
    const tried = operations.filter(
      (one) => hasParameter(one) && theirs[resourceOf(one)] && !SHARED.has(resourceOf(one)),
    );
    expect(tried.length).toBeGreaterThan(60);
    const found: string[] = [];
    for (const one of tried) {
      const { status } = await tell(one, pathOf(one, theirs), bodyOf(one));
      if (status !== 404) found.push(`${one.name}: ${status}`);
    }
    expect(found).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it("sees nothing of another one in any list", async () => {
    const lists = operations.filter((one) => one.method === "GET" && !hasParameter(one));
    expect(lists.length).toBeGreaterThan(20);
    const ids = Object.entries(theirs)
      .filter(([resource]) => resource !== "texts" && !SHARED.has(resource))
      .map(([, id]) => id);
    const leaks: string[] = [];
    for (const { path } of lists) {
      const seen = JSON.stringify((await ask(secret, "GET", path)).body);
      if (ids.some((id) => seen.includes(id))) leaks.push(path);
    }
    expect(leaks).toEqual([]);
  });

  it("sees nothing by what a list can be asked for of another one", async () => {
    const leaks: string[] = [];
    let asked = 0;
    for (const one of operations.filter(({ method }) => method === "GET")) {
      for (const field of one.query.filter((name) => name in REFERENCES)) {
        const id = theirs[REFERENCES[field] ?? ""];
        const { status, body } = await tell(one, `${pathOf(one, mine)}?${field}=${id}`, undefined);
        asked++;
        if (![404, 422].includes(status) && body.data?.length !== 0)
          leaks.push(`${one.name} by ${field}`);
      }
    }
    expect(asked).toBeGreaterThan(3);
    expect(leaks).toEqual([]);
  });

  it("can name no other one, neither in the query nor in a body", async () => {
    const wrong: string[] = [];
    const storefront = theirs.storefronts ?? "";
    const note = (one: Operation, how: string, status: number) => {
      if (status !== 404) wrong.push(`${one.name} by ${how}: ${status}`);
    };
    const naming = operations.filter(
      (one) => !SHARED.has(resourceOf(one)) && one.name !== OF_TEST_KEYS,
    );
    for (const one of naming.filter(({ query }) => query.includes("storefront"))) {
      const path = `${pathOf(one, mine)}?storefront=${storefront}`;
      note(one, "query", (await tell(one, path, bodyOf(one))).status);
    }
    for (const one of naming.filter(({ schema }) => schema?.properties?.storefront)) {
      const body = put(bodyOf(one), "storefront", storefront);
      note(one, "body", (await tell(one, pathOf(one, mine), body)).status);
    }
    expect(wrong).toEqual([]);
  });

  it("can refer to nothing of another one, where it can to its own", async () => {
    const fields = new Set(Object.keys(REFERENCES));
    const wrong: string[] = [];
    const forAll = whatServesAll();
    let asked = 0;
    for (const one of operations) {
      for (const place of one.schema ? placesOf(one.schema, fields) : []) {
        const name = `${one.name} ${place}`;
        if ([...ANY_WORD, ...REFUSED_IN_PLACE, ...OF_CODES].includes(name) || forAll.includes(one))
          continue;
        const field = place.split(".").at(-1) ?? "";
        const resource = REFERENCES[field] ?? "";
        const withIdOf = async (ids: Ids) => {
          const body = put(bodyOf(one, place), place, ids[resource]);
          return (await tell(one, pathOf(one, mine), body)).status;
        };
        // 409: it is there, and not approved yet.
        const isOwn = !mine[resource] || [200, 201, 202, 409].includes(await withIdOf(mine));
        const other = await withIdOf(theirs);
        asked++;
        if (!isOwn) wrong.push(`${name}: not even its own`);
        if (![404, 422].includes(other)) wrong.push(`${name}: ${other}`);
      }
    }
    expect(asked).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it("has its codes written by a template of its own, and by no other", async () => {
    const [foreign] = (await product.request("GET", "/v1/templates?name=otp-login")).body.data;
    const draft = { name: "otp-own", category: "otp", body: "验证码{{code}}" };
    const own = (await ask(secret, "POST", "/v1/templates", draft)).body;
    for (const purpose of ["register", "login", "payment", "account_change"]) {
      const change = async (template: string) => {
        const settings = { purposes: { [purpose]: { template } } };
        return (await ask(secret, "PUT", "/v1/verification-settings", settings)).status;
      };
      expect([await change(foreign.id), await change(own.id)]).toEqual([422, 200]);
    }
  });

  it("gets nothing of another one by what is refused in its place", async () => {
    const contact = theirs.contacts ?? "";
    const before = await product.request("GET", `/v1/contacts/${contact}`);
    const told = { events: [{ name: "order.paid", contact, data: { total: "5" } }] };
    const { status, body } = await ask(secret, "POST", "/v1/events/batch", told);
    expect([status, body.data]).toMatchObject([202, [{ problem: { status: 404 } }]]);
    const after = await product.request("GET", `/v1/contacts/${contact}`);
    expect(after.body).toEqual(before.body);
  });

  /** Neither of a storefront by what is named, nor by what it says. */
  const whatServesAll = () =>
    operations.filter(
      (one) =>
        one.method !== "GET" &&
        (SHARED.has(resourceOf(one)) ||
          !(
            hasParameter(one) ||
            one.query.includes("storefront") ||
            one.schema?.properties?.storefront
          )),
    );

  it("changes nothing that serves all storefronts", async () => {
    const letGo: string[] = [];
    for (const one of whatServesAll().filter(({ name }) => !OF_NOBODY.includes(name))) {
      const query = one.query.includes("account")
        ? `?account=${mine["provider-accounts"]}&currency=CNY`
        : "";
      const { status } = await tell(one, pathOf(one, mine) + query, bodyOf(one));
      // People of others are not even found.
      const isPerson = resourceOf(one) === "people" && hasParameter(one);
      if (status !== (isPerson ? 404 : 403)) letGo.push(`${one.name}: ${status}`);
    }
    expect(letGo).toEqual([]);
  });

  it("gets its own storefront where it names none", async () => {
    const scopes = ["messages:read"];
    const made = await make({ scopes }, secret);
    expect(made.body.storefront).toBe(mine.storefronts);
    const drafted = await ask(secret, "POST", "/v1/senders", { name: "第三商城" });
    expect(drafted.body.storefront).toBe(mine.storefronts);
    const shown = await ask(secret, "GET", "/v1/storefronts");
    expect(shown.body.data.map((one: { id: string }) => one.id)).toEqual([mine.storefronts]);
  });

  it("is not told where providers push receipts, which are everybody's", async () => {
    const urls = async (key?: string) => {
      const { body } = key
        ? await ask(key, "GET", "/v1/provider-accounts")
        : await product.request("GET", "/v1/provider-accounts");
      return JSON.stringify(body).includes("/webhooks/");
    };
    expect(await urls()).toBe(true);
    expect(await urls(secret)).toBe(false);
  });
});

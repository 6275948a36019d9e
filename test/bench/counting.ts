import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureBundle } from "../../src/start/bundles.ts";
import { applyMigrations, readMigrations } from "../../src/start/migrations.ts";
import { runTick } from "../../src/start/schedule.ts";
import { ROOT_KEY } from "../journeys/hongyan.ts";
import { type Running, runWorker } from "./bare/run.ts";
import { productBulk } from "./bulk-sides.ts";
import { type Commits, commitsBetween, readWals } from "./commits.ts";
import { expectStatus, type Send, until } from "./load.ts";
import { chunks, Recipients } from "./recipients.ts";

const ROOT = join(import.meta.dirname, "../..");
const MIGRATIONS = { DB: "migrations/db", LOG_0: "migrations/log", LOG_1: "migrations/log" };

const BATCH = 1_000;
const SETTLE_MS = 1_000;
/** Longer than the sweeper's own rest, shorter than an object stays awake. */
const IDLE_MS = 6_000;

/** The Worker of this name in Miniflare; the databases' local ids begin with it. */
const NAME = "hongyan";

/** An entry around the product's bundle that counts each statement on its way to a database. */
const entry = (classes: readonly string[]) => `
import * as product from "./worker.js";

let statements = 0;
const raws = new WeakMap();

const counted = (statement) => {
  const proxy = new Proxy(statement, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== "function") return value;
      if (name === "bind") return (...values) => counted(target.bind(...values));
      return (...values) => {
        statements++;
        return value.apply(target, values);
      };
    },
  });
  raws.set(proxy, statement);
  return proxy;
};

const countedDatabase = (database) => ({
  prepare: (sql) => counted(database.prepare(sql)),
  batch: (list) => {
    statements += list.length;
    return database.batch(list.map((one) => raws.get(one)));
  },
});

const countedEnv = (env) => ({
  ...env,
  ${Object.keys(MIGRATIONS)
    .map((binding) => `${binding}: countedDatabase(env.${binding}),`)
    .join("\n  ")}
});

${classes
  .map(
    (name) => `export class ${name} extends product.${name} {
  constructor(ctx, env) { super(ctx, countedEnv(env)); }
}`,
  )
  .join("\n")}

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/statements") return new Response(String(statements));
    return product.default.fetch(request, countedEnv(env), ctx);
  },
  scheduled: (controller, env, ctx) => product.default.scheduled(controller, countedEnv(env), ctx),
  queue: (batch, env, ctx) => product.default.queue(batch, countedEnv(env), ctx),
};
`;

/** The bundle that \`npm start\` runs, with a count of statements at \`/statements\`. */
async function startCounting(): Promise<Running> {
  const app = await ensureBundle(ROOT, "app");
  const objects = app.options.durableObjects as Record<string, { readonly className: string }>;
  const classes = Object.values(objects).map(({ className }) => className);
  const key = () => randomBytes(32).toString("base64");
  const running = await runWorker(NAME, async ({ origin, simulator }) => ({
    ...app.options,
    modules: [
      { type: "ESModule", path: "/entry.js", contents: entry(classes) },
      { type: "ESModule", path: "/worker.js", contents: app.script },
    ],
    bindings: {
      ...app.vars,
      ROOT_KEY,
      IDENTITY_KEY: key(),
      DATA_KEYS: `1:${key()}`,
      CLOCK_OFFSET_SECONDS: "0",
      RUNS_ON: "local",
      PUBLIC_ORIGIN: origin,
      SIMULATOR_ORIGIN: simulator,
      TRUSTED_PROXY: "none",
      ALLOW_LOCAL_TARGETS: new URL(simulator).host,
    },
    d1Databases: Object.fromEntries(
      Object.keys(MIGRATIONS).map((binding) => [binding, `${NAME}-${binding}`]),
    ),
  }));
  try {
    for (const [binding, directory] of Object.entries(MIGRATIONS)) {
      const database = await running.miniflare.getD1Database(binding, NAME);
      await applyMigrations(database, readMigrations(join(ROOT, directory)));
    }
    await runTick(running.miniflare, NAME, new Date());
    return running;
  } catch (error) {
    await running.dispose();
    throw error;
  }
}

export interface Counted {
  readonly messages: number;
  readonly statements: number;
  /** Commits by object class. */
  readonly commits: Commits;
  /** Statements of a minute in which nothing is sent. */
  readonly idleStatements: number;
}

/** Sends to warmed numbers and counts until the last row is settled; receipts come later. */
export async function countWrites(send: Send, messages: number): Promise<Counted> {
  const running = await startCounting();
  const { origin: api, simulator, stateDirectory } = running;
  const statements = async () => Number((await send("GET", `${api}/statements`)).text);
  try {
    const fault = { mode: "none", receipt: { status: "delivered", delay_ms: 3_600_000 } };
    await send("PUT", `${simulator}/faults/aliyun`, fault);
    // At night the built-in policies would keep everything until the morning.
    const quiet = { from: "00:00", to: "00:00", days_off: [] };
    const headers = { Authorization: `Bearer ${ROOT_KEY}` };
    const opened = await send(
      "PUT",
      `${api}/v1/policies`,
      { notification: { "*": { quiet } } },
      headers,
    );
    expectStatus(opened, 200, "the policies");
    const side = productBulk(send, { api, simulator });
    const recipients = new Recipients("138", messages);
    const sendAll = async (total: number) => {
      for (const batch of chunks(recipients.take(messages), BATCH)) await side.accept(batch);
      await until(async () => (await side.carried()).recipients >= total);
      // The last claim is settled behind the vendor's answer.
      await sleep(SETTLE_MS);
    };
    await sendAll(messages);
    const walsBefore = readWals(stateDirectory, NAME);
    const before = await statements();
    await sendAll(2 * messages);
    const counted = (await statements()) - before;
    const commits = commitsBetween(walsBefore, readWals(stateDirectory, NAME), NAME);
    const idleBefore = await statements();
    await sleep(IDLE_MS);
    const idle = (await statements()) - idleBefore;
    if (!(await side.isHandedOver(2 * messages))) throw new Error("messages are left");
    return { messages, statements: counted, commits, idleStatements: idle * (60_000 / IDLE_MS) };
  } finally {
    await running.dispose();
  }
}

import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { buildAssets } from "../src/start/assets.ts";
import { QUIET_TOOLS } from "../src/start/bundles.ts";
import { SlowestFirst } from "./slowest-first.ts";

const root = join(import.meta.dirname, "..");
/** These drive processes and files, so they run in Node; the others run inside workerd. */
const NODE_TESTS = [
  "test/architecture.test.ts",
  "test/{journeys,relay,simulator,start}/**/*.test.ts",
];

Object.assign(process.env, QUIET_TOOLS);
// Wrangler refuses a configuration whose assets do not exist yet, as in a fresh clone.
buildAssets(root);

export default defineConfig({
  root,
  test: {
    globalSetup: [join(root, "test/global-setup.ts")],
    reporters: ["default", "json"],
    outputFile: { json: join(root, ".wrangler/test-results.json") },
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: join(root, "wrangler.toml") },
            miniflare: {
              bindings: {
                ROOT_KEY: "the-root-key-of-the-tests,-32-bytes-or-more",
                IDENTITY_KEY: Buffer.alloc(32, 1).toString("base64"),
                DATA_KEYS: `1:${Buffer.alloc(32, 2).toString("base64")}`,
                PUBLIC_ORIGIN: "http://hongyan.test",
                DB_MIGRATIONS: await readD1Migrations(join(root, "migrations/db")),
                LOG_MIGRATIONS: await readD1Migrations(join(root, "migrations/log")),
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: NODE_TESTS,
          setupFiles: [join(root, "test/setup.ts")],
          testTimeout: 20_000,
          // Files share a Worker and its storage: a fresh one for each costs a second.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "node",
          include: NODE_TESTS,
          environment: "node",
          testTimeout: 90_000,
          hookTimeout: 90_000,
          // Modules are shared, files and their products are not.
          isolate: false,
          // Each drives a workerd of its own and often waits for it: two cores carry three at a time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";

/** One Worker as `wrangler deploy` would upload it, with its bindings in Miniflare's words. */
export type Bundle = {
  readonly hash: string;
  readonly name: string;
  readonly script: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, unknown>>;
};

export type BundleName = "app" | "simulator";

type Inputs = { readonly config: string; readonly sources: string[]; readonly except?: string[] };

const INPUTS: Readonly<Record<BundleName, Inputs>> = {
  app: { config: "wrangler.toml", sources: ["src/**"], except: ["src/simulator/**"] },
  simulator: {
    config: "src/simulator/wrangler.toml",
    sources: ["src/simulator/**", "src/lib/**"],
  },
};

/** What keeps Wrangler and Miniflare silent, offline and out of the home directory. */
export const QUIET_TOOLS: Readonly<Record<string, string>> = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_LOG: "error",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_WRITE_LOGS: "false",
};

/** The bundle of one Worker, built only when its sources changed since the last build. */
export async function ensureBundle(root: string, name: BundleName): Promise<Bundle> {
  const hash = hashSources(root, name);
  const path = join(root, ".wrangler/build", `${name}.json`);
  const kept = readBundle(path);
  if (kept?.hash === hash) return kept;
  const bundle = await buildWithWrangler(root, name, hash);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(bundle));
  renameSync(`${path}.${process.pid}`, path);
  return bundle;
}

function readBundle(path: string): Bundle | undefined {
  if (!existsSync(path)) return undefined;
  const bundle: Bundle = JSON.parse(readFileSync(path, "utf8"));
  const assets = bundle.options.assets as { directory: string } | undefined;
  return assets === undefined || existsSync(assets.directory) ? bundle : undefined;
}

/** One digest over all that can change a bundle; the root counts because paths are absolute. */
export function hashSources(root: string, name: BundleName): string {
  const { config, sources, except = [] } = INPUTS[name];
  const files = globSync(sources, { cwd: root, exclude: except, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "worker-configuration.d.ts")
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  const digest = createHash("sha256").update(root);
  for (const file of new Set([...files.sort(), config, "package-lock.json"])) {
    const content = readFileSync(join(root, file));
    digest.update(`\n${file} ${content.length}\n`).update(content);
  }
  return digest.digest("hex");
}

async function buildWithWrangler(root: string, name: BundleName, hash: string): Promise<Bundle> {
  const config = join(root, INPUTS[name].config);
  const build = join(root, ".wrangler/build");
  mkdirSync(build, { recursive: true });
  const output = mkdtempSync(join(build, `${name}-`));
  try {
    await runWrangler(root, ["deploy", "--dry-run", "--config", config, "--outdir", output]);
    return { hash, ...(await describeWorker(config, output)) };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

async function runWrangler(root: string, args: readonly string[]): Promise<void> {
  const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? ""}`;
  try {
    await promisify(execFile)(process.execPath, [join(wrangler, "bin/wrangler.js"), ...args], {
      cwd: root,
      env: { ...process.env, ...QUIET_TOOLS, WRANGLER_LOG: "log", PATH: path },
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`wrangler ${args.join(" ")} failed\n${stdout}${stderr}`, { cause: error });
  }
}

async function describeWorker(config: string, output: string): Promise<Omit<Bundle, "hash">> {
  const { unstable_getMiniflareWorkerOptions, unstable_readConfig } = await import("wrangler");
  const { name, vars } = unstable_readConfig({ config }, { hideWarnings: true });
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(config);
  if (name === undefined || main === undefined) throw new Error(`${config} names no Worker`);
  // Bindings are left out: Wrangler mixes the secrets of this process and of .dev.vars into them.
  const { bindings, modulesRules, rootPath, ...options } = workerOptions;
  const script = join(output, basename(main).replace(/\.ts$/, ".js"));
  return {
    name,
    script: readFileSync(script, "utf8"),
    vars: vars as Record<string, string>,
    options,
  };
}

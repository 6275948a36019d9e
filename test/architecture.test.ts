import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const MOST_LINES = 400;

/** From low to high: a folder, or a file beside the folders, imports from earlier lines and from itself. */
const RANKS: readonly (readonly string[])[] = [
  ["lib"],
  ["db", "phone", "providers"],
  [
    "messages",
    "templates",
    "senders",
    "contacts",
    "storefronts",
    "ledger",
    "links",
    "conversions",
    "products",
    "access",
    "people",
    "audit",
    "flags",
    "jobs",
  ],
  ["compliance", "routing"],
  ["dispatch", "receipts", "webhooks"],
  [
    "verifications",
    "triggers",
    "campaigns",
    "rich",
    "insight",
    "sandbox",
    "audience",
    "inbox",
    "privacy",
  ],
  ["api", "console"],
  ["wiring", "worker.ts", "app.ts", "deps.ts", "config.ts", "seed.ts"],
];
const NOUNS = 2;
const TOP = RANKS.length - 1;
/** Programs of their own beside the product, with what each may import. */
const APART: Readonly<Record<string, readonly string[]>> = {
  start: ["lib"],
  simulator: ["lib"],
  relay: ["lib", "providers"],
};

/** Who may import a package: everybody else has to ask one of these. */
const DOORWAYS = [
  { name: "drizzle-orm", door: /^drizzle-orm(\/|$)/, behind: /^db\/|\/(table|store|log)\.ts$/ },
  { name: "hono", door: /^@?hono(\/|$)/, behind: /^(api\/|console\/|app\.ts$)/ },
  { name: "better-auth", door: /^@?better-auth(\/|$)/, behind: /^people\// },
  {
    name: "cloudflare:workers",
    door: /^cloudflare:/,
    behind:
      /^(worker|audience\/import-job|campaigns\/campaign-runner|api\/idempotency-shard|audit\/audit-log|compliance\/abuse-guard|dispatch\/(provider-account|sweeper)|messages\/log-writer|privacy\/(forgetter|keeper)|receipts\/inbox|verifications\/phone-number|webhooks\/webhook-endpoint|simulator\/carrier)\.ts$/,
  },
];

interface Import {
  readonly target: string;
  readonly typesOnly: boolean;
}

interface Module {
  /** Below `src`. */
  readonly path: string;
  readonly text: string;
  readonly packages: readonly string[];
  readonly own: readonly Import[];
}

const roomOf = (path: string): string => path.split("/")[0] ?? path;
const rankOf = (room: string): number => RANKS.findIndex((rooms) => rooms.includes(room));

/** JSDoc and whole-line comments may name what code may not use. */
const withoutComments = (text: string): string =>
  text.replace(/^\s*\/\*\*[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "");

const isTypesOnly = (clause: string): boolean => {
  if (/^\s*type\b/.test(clause)) return true;
  const named = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",") ?? [""];
  return named.filter((name) => name.trim() !== "").every((name) => /^\s*type\s/.test(name));
};

function importsOf(text: string): Import[] {
  const from = [...text.matchAll(/^(?:import|export)\b([^;"']*)\bfrom\s*["']([^"']+)["']/gm)].map(
    ([, clause = "", target = ""]) => ({ target, typesOnly: isTypesOnly(clause) }),
  );
  const bare = [...text.matchAll(/^import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm)].map(
    ([, plain, dynamic]) => ({ target: plain ?? dynamic ?? "", typesOnly: false }),
  );
  return [...from, ...bare];
}

function readModule(path: string): Module {
  const text = readFileSync(join(ROOT, "src", path), "utf8");
  const imports = importsOf(withoutComments(text));
  return {
    path,
    text,
    packages: imports.map((one) => one.target).filter((target) => !target.startsWith(".")),
    own: imports
      .filter((one) => one.target.startsWith("."))
      .map((one) => ({ ...one, target: normalize(join(dirname(path), one.target)) })),
  };
}

const modules = globSync("**/*.ts", { cwd: join(ROOT, "src") })
  .filter((path) => !path.endsWith(".d.ts"))
  .sort()
  .map(readModule);

function mayImport(from: string, to: string, typesOnly: boolean): boolean {
  if (from === to) return true;
  const apart = APART[from];
  if (apart) return apart.includes(to);
  const own = rankOf(from);
  const other = rankOf(to);
  if (own === -1 || other === -1) return false;
  return other < own || (other === own && (own === TOP || (own === NOUNS && typesOnly)));
}

/** The first ring of imports as a path back to its start; empty when there is none. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe("the folders of src", () => {
  it("were read, imports and all", () => {
    const worker = modules.find((one) => one.path === "worker.ts");
    expect(worker?.own).toContainEqual({ target: "app.ts", typesOnly: false });
    expect(modules.length).toBeGreaterThan(50);
  });

  it("have a rank each", () => {
    const rooms = new Set(modules.map((one) => roomOf(one.path)));
    expect([...rooms].filter((room) => rankOf(room) === -1 && !APART[room])).toEqual([]);
  });

  it("import from lower ranks alone; nouns take each other's types, programs apart take little", () => {
    const wrong = modules.flatMap(({ path, own }) =>
      own
        .filter((one) => !mayImport(roomOf(path), roomOf(one.target), one.typesOnly))
        .map((one) => `${path} imports ${one.target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("have no ring of imports", () => {
    // Types are gone when the code runs: an object and the `Env` that binds it may know each other.
    const targets = (own: readonly Import[]) =>
      own.filter((one) => !one.typesOnly).map((one) => one.target);
    const graph = new Map(modules.map(({ path, own }) => [path, targets(own)]));
    expect(findCycle(graph)).toEqual([]);
  });

  it(`hold no file of more than ${MOST_LINES} lines`, () => {
    const long = modules.filter((one) => one.text.trimEnd().split("\n").length > MOST_LINES);
    expect(long.map((one) => one.path)).toEqual([]);
  });
});

describe("the doorways", () => {
  it.each(DOORWAYS)("$name is imported where it belongs", ({ door, behind }) => {
    const users = modules.filter((one) => one.packages.some((name) => door.test(name)));
    expect(users).not.toEqual([]);
    expect(users.map((one) => one.path).filter((path) => !behind.test(path))).toEqual([]);
  });

  it("a provider needs lib, zod and Node alone", () => {
    const wrong = modules
      .filter((one) => roomOf(one.path) === "providers")
      .flatMap(({ path, packages }) =>
        packages.filter((name) => !/^(zod|node:.+)$/.test(name)).map((name) => `${path}: ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  it("lines of the log are written where they are cut to what may be told", () => {
    const users = modules
      .filter((one) => !Object.keys(APART).includes(roomOf(one.path)))
      .filter((one) => /\bconsole\.(log|info|warn|error|debug)\b/.test(withoutComments(one.text)));
    expect(users.map((one) => one.path)).toEqual(["deps.ts", "wiring/abuse.ts"]);
  });

  it("time and chance come from deps.ts", () => {
    const users = modules
      .filter((one) => ![...Object.keys(APART), "deps.ts"].includes(roomOf(one.path)))
      .filter((one) =>
        /\bDate\.now\b|\bnew Date\b(?!\s*\(\s*[^\s)])|\bMath\.random\b/.test(
          withoutComments(one.text),
        ),
      );
    expect(users.map((one) => one.path)).toEqual([]);
  });
});

describe("the migrations", () => {
  it.each(["db", "log"])("of %s are numbered without a gap, as the journal has them", (name) => {
    const directory = join(ROOT, "migrations", name);
    const files = readdirSync(directory).filter((file) => file.endsWith(".sql"));
    const numbers = files.map((file) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]).sort();
    expect(numbers).toEqual(files.map((_, index) => String(index).padStart(4, "0")));
    const journal: { entries: { tag: string }[] } = JSON.parse(
      readFileSync(join(directory, "meta/_journal.json"), "utf8"),
    );
    const tags = files.map((file) => basename(file, ".sql")).sort();
    expect(journal.entries.map((entry) => entry.tag)).toEqual(tags);
  });
});

describe("the documents", () => {
  const documents = globSync(["*.md", "{src,migrations,test}/**/*.md"], { cwd: ROOT });
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

  it.each(documents)("%s links to files and names scripts that exist", (document) => {
    const text = readFileSync(join(ROOT, document), "utf8");
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = ""]) => link);
    const dead = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => !existsSync(join(ROOT, dirname(document), link)));
    expect(dead).toEqual([]);
    const named = [...text.matchAll(/\bnpm run ([a-z][a-z:]*)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it("the runbook says of every line in the log what to do", () => {
    const runbook = readFileSync(join(ROOT, "src/operations/README.md"), "utf8");
    const events = modules.flatMap(({ text }) =>
      [...text.matchAll(/\b(?:logError|tellOperators|orWait)\([^"()]*"([a-z-]+)"/g)].map(
        ([, event = ""]) => event,
      ),
    );
    expect(events.length).toBeGreaterThan(20);
    expect(events.filter((event) => !runbook.includes(`\`${event}\``))).toEqual([]);
  });

  it("the journeys' table names tests that exist", () => {
    const folder = join(ROOT, "test/journeys");
    const rows = readFileSync(join(folder, "README.md"), "utf8").matchAll(
      /^\| R.*\| \[\w+\]\((\S+)\) \| (.+) \|$/gm,
    );
    const named = [...rows].map(([, file = "", test = ""]) => ({ file, test }));
    expect(named).not.toEqual([]);
    const gone = named.filter(
      ({ file, test }) => !readFileSync(join(folder, file), "utf8").includes(`"${test}`),
    );
    expect(gone).toEqual([]);
  });
});

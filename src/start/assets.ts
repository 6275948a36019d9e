import { copyFileSync, mkdirSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SWAGGER_FILES = [
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "swagger-ui-bundle.js.LICENSE.txt",
  "favicon-32x32.png",
];

/** Fills `.wrangler/build/public`, the directory that wrangler.toml uploads. */
export function buildAssets(root: string): void {
  const build = join(root, ".wrangler/build");
  const target = join(build, "public/docs/assets");
  const swagger = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  mkdirSync(target, { recursive: true });
  const sources = SWAGGER_FILES.map((name) => [name, join(swagger, name)] as const);
  for (const [name, source] of [
    ...sources,
    ["hongyan.js", join(import.meta.dirname, "assets/hongyan.js")] as const,
  ]) {
    // Two builds may run at once, and neither may serve the other's half-written file.
    const draft = join(build, `${name}.${process.pid}`);
    copyFileSync(source, draft);
    renameSync(draft, join(target, name));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildAssets(join(import.meta.dirname, "../.."));
}

// Starts a provider plugin fast: node runs no TypeScript, and tsx would cost 200 ms on every start, so the sources are
// bundled once per content into the user's cache. Plain JavaScript because it runs before anything is compiled.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : entry.name.endsWith(".ts") ? [path] : [];
  });
}

function cacheFolder() {
  const root =
    process.env.METAL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "metal");
  return join(root, "plugins");
}

/** The bundle of `lab/plugins/<plugin>/main.ts` for exactly these sources, the installed SDK and this node. */
export function bundleOf(plugin) {
  const hash = createHash("sha256").update(process.version);
  for (const path of sources(here).sort()) hash.update(path).update(readFileSync(path));
  const sdk = require.resolve("@pulumi/pulumi/package.json");
  hash.update(readFileSync(sdk)).update(String(statSync(fileURLToPath(import.meta.url)).size));
  const bundle = join(cacheFolder(), `${plugin}-${hash.digest("hex").slice(0, 16)}.cjs`);
  if (!statSync(bundle, { throwIfNoEntry: false })) build(plugin, bundle);
  return bundle;
}

function build(plugin, bundle) {
  const esbuild = createRequire(require.resolve("tsx/package.json"))("esbuild");
  mkdirSync(dirname(bundle), { recursive: true, mode: 0o700 });
  const partial = `${bundle}.${process.pid}`;
  esbuild.buildSync({
    entryPoints: [join(here, plugin, "main.ts")],
    outfile: partial,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "error",
  });
  // Two plugins may start at once: the last rename leaves the same bytes.
  renameSync(partial, bundle);
}

/** Runs a bundle with V8's compiled form of it, which saves 30 of its 50 ms; the form is written by the first run. */
function run(bundle) {
  const compiled = `${bundle}.v8`;
  const exists = statSync(compiled, { throwIfNoEntry: false }) !== undefined;
  const script = new Script(Module.wrap(readFileSync(bundle, "utf8")), {
    filename: bundle,
    ...(exists ? { cachedData: readFileSync(compiled) } : {}),
  });
  const module = { exports: {} };
  script
    .runInThisContext()
    .call(module.exports, module.exports, createRequire(bundle), module, bundle, dirname(bundle));
  if (exists && !script.cachedDataRejected) return;
  writeFileSync(`${compiled}.${process.pid}`, script.createCachedData());
  renameSync(`${compiled}.${process.pid}`, compiled);
}

const [plugin, ...args] = process.argv.slice(2);
if (plugin !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.argv = [process.argv[0], process.argv[1], ...args];
  run(bundleOf(plugin));
}

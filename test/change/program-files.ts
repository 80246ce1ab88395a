import path from "node:path";
import { buildSync, type Metafile } from "esbuild";

/** Every program that `pulumi up` and `pulumi destroy` run. */
const programs = [
  "index.ts",
  "ops/wait/main.ts",
  "ops/upgrade/prepare-main.ts",
  "ops/upgrade/rollout-main.ts",
  "ops/teardown/cleanup-main.ts",
];

/** The project's files that these programs consist of, each with what it imports. */
export function programFiles(): Metafile["inputs"] {
  return filesOf(programs);
}

/** The project's files that are loaded with these, without those that are imported only when they are needed. */
export function loadedWith(entryPoints: readonly string[]): readonly string[] {
  const inputs = filesOf(entryPoints);
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file) || inputs[file] === undefined) return;
    loaded.add(file);
    for (const { path: name, kind } of inputs[file].imports) if (kind !== "dynamic-import") load(name);
  };
  entryPoints.forEach(load);
  return [...loaded];
}

function filesOf(entryPoints: readonly string[]): Metafile["inputs"] {
  const { metafile } = buildSync({
    absWorkingDir: path.join(__dirname, "../.."),
    entryPoints: [...entryPoints],
    outdir: "nowhere",
    write: false,
    bundle: true,
    metafile: true,
    packages: "external",
    platform: "node",
  });
  return metafile.inputs;
}

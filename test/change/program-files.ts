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
  const { metafile } = buildSync({
    absWorkingDir: path.join(__dirname, "../.."),
    entryPoints: programs,
    outdir: "nowhere",
    write: false,
    bundle: true,
    metafile: true,
    packages: "external",
    platform: "node",
  });
  return metafile.inputs;
}

/** Prints the size of the source: files and lines without tests, by folder, and what is outside the bars of CONTRIBUTING.md. */
import childProcess from "node:child_process";
import fs from "node:fs";

const folders = ["components", "model", "ops", "lab", "policy", "startup"] as const;

interface Source {
  readonly path: string;
  readonly lines: number;
  /** Nothing but imports and re-exports. */
  readonly forwards: boolean;
}

function sources(): readonly Source[] {
  const listed = childProcess.execFileSync("git", ["ls-files", "index.ts", ...folders], { encoding: "utf8" });
  return listed
    .split("\n")
    .filter((path) => /\.(ts|cjs|mjs)$/.test(path))
    .map((path) => {
      const text = fs.readFileSync(path, "utf8");
      const statements = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").split(/;\s*\n/);
      const forwards = statements.every((each) => /^\s*(import\b|export\s.*\bfrom\b|$)/.test(each));
      return { path, lines: text.split("\n").length - 1, forwards };
    });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

const all = sources();
for (const folder of ["index.ts", ...folders]) {
  const here = all.filter(({ path }) => path === folder || path.startsWith(`${folder}/`));
  const lines = here.map((source) => source.lines);
  const sum = lines.reduce((total, count) => total + count, 0);
  console.log(
    `${folder.padEnd(12)} ${String(here.length).padStart(4)} files ${String(sum).padStart(6)} lines, median ${median(lines)}`,
  );
}
const total = all.reduce((sum, { lines }) => sum + lines, 0);
console.log(`${"all".padEnd(12)} ${String(all.length).padStart(4)} files ${String(total).padStart(6)} lines`);
const list = (name: string, paths: readonly string[]) =>
  console.log(`${name}: ${paths.length === 0 ? "none" : paths.join(", ")}`);
list(
  "above 400 lines",
  all.filter(({ lines }) => lines > 400).map(({ path }) => path),
);
list(
  "only forwarding",
  all.filter(({ forwards }) => forwards).map(({ path }) => path),
);
console.log(`under 30 lines: ${all.filter(({ lines }) => lines < 30).length} files`);

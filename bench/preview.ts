import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Deed, type Notice, noticing } from "./notice";

/**
 * How much longer a preview and a no-op update of the rehearsed stack take than those of an empty Pulumi program, how much
 * memory the program's process takes, and how soon the waiting program noticed what the lab did. Run it inside a kept
 * lab: `npm run lab -- shell npm run bench`. Two empty programs are shown: one that checks types, as `pulumi new` makes
 * it, to which the targets are (preview 2.0 x, no-op update 2.5 x), and one that only transpiles, as ours does.
 */
const rounds = 5;
const program = path.join(__dirname, "..");
const stack = process.argv[2] ?? "capi-1";

interface Sample {
  readonly seconds: number;
  /** Peak resident memory of the Node process that runs the program, MiB. */
  readonly programMiB: number;
}

async function main(): Promise<void> {
  const directory = path.join(program, ".metal/rehearsal", stack);
  const project = path.join(directory, "project");
  if (!fs.existsSync(project))
    throw new Error(`no kept rehearsal of ${stack}: npm run rehearse -- --keep --stack ${stack}`);
  const checked = emptyProject("checked", { skipLibCheck: true });
  const empty = emptyProject("transpiled", { skipLibCheck: true, noCheck: true });
  for (const folder of [checked, empty]) await pulumi(folder, ["stack", "select", "empty", "--create"]);
  const cases: Readonly<Record<string, () => Promise<Sample>>> = {
    "empty preview": () => pulumi(empty, ["preview", "-s", "empty"]),
    "empty up": () => pulumi(empty, ["up", "--yes", "-s", "empty"]),
    "empty preview, type-checked": () => pulumi(checked, ["preview", "-s", "empty"]),
    "empty up, type-checked": () => pulumi(checked, ["up", "--yes", "-s", "empty"]),
    [`${stack} preview`]: () => pulumi(project, ["preview", "-s", stack]),
    [`${stack} no-op up`]: () => pulumi(project, ["up", "--yes", "-s", stack]),
  };
  const samples: Record<string, Sample[]> = {};
  // In turn, so that a machine that slows down slows all of them.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(cases)) {
      const sample = await run();
      if (round > 0) (samples[name] ??= []).push(sample);
    }
  }
  process.stdout.write(`${table(samples).join("\n")}\n${noticingText(directory, project)}\n`);
}

/** A row per case: median seconds, and how many times as long as the empty programs do the same. */
function table(samples: Readonly<Record<string, readonly Sample[]>>): string[] {
  const secondsOf = (name: string) => median((samples[name] ?? []).map(({ seconds }) => seconds));
  const isEmpty = (name: string) => name.startsWith("empty ");
  return Object.entries(samples).map(([name, each]) => {
    const seconds = secondsOf(name);
    const memory = median(each.map((sample) => sample.programMiB));
    const does = / up$/.test(name) ? "empty up" : "empty preview";
    const ratios = Object.keys(samples)
      .filter((other) => other.startsWith(does))
      .map((other) => `${(seconds / secondsOf(other)).toFixed(2)} x ${other}`);
    const compared = isEmpty(name) ? "" : `  ${ratios.join("; ")}`;
    return `${name.padEnd(28)} ${seconds.toFixed(2)} s  program ${memory.toFixed(0)} MiB${compared}`;
  });
}

/** From the lab's event log of this rehearsal and the waiting program's. */
function noticingText(directory: string, project: string): string {
  const deeds = jsonLines<Deed>(path.join(directory, "events.jsonl"));
  const notices = jsonLines<Notice>(path.join(project, ".metal/events", `${stack}.jsonl`));
  const { seconds, unsaid } = noticing(deeds, notices);
  if (seconds.length === 0) return "the waiting program noticed nothing: was this lab kept after a whole up?";
  const worst = (seconds.at(-1) ?? Number.NaN).toFixed(2);
  return (
    `the waiting program tells a change after ${median(seconds).toFixed(2)} s (median of ${seconds.length}, ` +
    `longest ${worst} s; ${unsaid} were overtaken before a line was due)`
  );
}

function jsonLines<Line>(file: string): Line[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}

function emptyProject(name: string, compilerOptions: object): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-bench-"));
  fs.writeFileSync(path.join(folder, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
  fs.writeFileSync(path.join(folder, "index.ts"), "export {};\n");
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  fs.writeFileSync(path.join(folder, "package.json"), '{ "main": "index.ts" }\n');
  fs.symlinkSync(path.join(program, "node_modules"), path.join(folder, "node_modules"));
  return folder;
}

async function pulumi(cwd: string, argv: readonly string[]): Promise<Sample> {
  const started = performance.now();
  const kubeconfig = path.join(program, ".metal/rehearsal", stack, "kubeconfig");
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const child = spawn("pulumi", [...argv, "--non-interactive"], { cwd, env, stdio: "ignore" });
  const memory = watchMemory(child);
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  if (code !== 0) throw new Error(`pulumi ${argv.join(" ")} ended with ${code} in ${cwd}`);
  return { seconds: (performance.now() - started) / 1000, programMiB: memory() };
}

/** Looks at the program's process every 50 ms: the kernel keeps its peak, so only the last look must be near the end. */
function watchMemory(engine: ChildProcess): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      peak = Math.max(peak, peakOf(pid, engine.pid ?? 0));
    }
  }, 50);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function peakOf(pid: string, engine: number): number {
  try {
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
    if (Number(pid) < engine || !command.includes("@pulumi/pulumi/cmd/run")) return 0;
    return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch (error) {
    // A process that ended between the listing and the look.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return 0;
    throw error;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
});

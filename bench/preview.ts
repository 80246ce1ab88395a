import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * How much longer a preview and a no-op update of the rehearsed stack take than a preview of an empty Pulumi program, and
 * how much memory the program's process takes. Run it inside a kept lab: `npm run lab -- shell npm run bench`.
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
  const project = path.join(program, ".metal/rehearsal", stack, "project");
  if (!fs.existsSync(project))
    throw new Error(`no kept rehearsal of ${stack}: npm run rehearse -- --keep --stack ${stack}`);
  const empty = emptyProject();
  await pulumi(empty, ["stack", "select", "empty", "--create"]);
  const cases: Readonly<Record<string, () => Promise<Sample>>> = {
    "empty preview": () => pulumi(empty, ["preview", "-s", "empty"]),
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
  const base = median((samples["empty preview"] ?? []).map(({ seconds }) => seconds));
  for (const [name, each] of Object.entries(samples)) {
    const seconds = median(each.map((sample) => sample.seconds));
    const memory = median(each.map((sample) => sample.programMiB));
    const line = `${name.padEnd(20)} ${seconds.toFixed(2)} s  ${(seconds / base).toFixed(2)} x  program ${memory.toFixed(0)} MiB`;
    process.stdout.write(`${line}\n`);
  }
}

function emptyProject(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-bench-"));
  fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
  fs.writeFileSync(path.join(folder, "index.ts"), "export {};\n");
  fs.writeFileSync(path.join(folder, "tsconfig.json"), '{ "compilerOptions": { "skipLibCheck": true } }\n');
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

import childProcess from "node:child_process";
import type { StackUpdate, StateSummary } from "../../model/change/review/gate";
import { Refusal } from "../commands/terminal";

/** The stack's record in its backend. */
export interface StackRecord {
  /** Newest first; empty for a stack that does not exist yet. */
  readonly history: readonly StackUpdate[];
  readonly state?: StateSummary;
}

/** More updates than ever fail in a row; with none among them that succeeded the gate is closed. */
const entries = "100";

/**
 * Reads a stack's history and state with the Pulumi CLI. Needs access to the backend; neither a passphrase nor a cluster.
 * Throws a {@link Refusal} when they cannot be read.
 */
export function stackRecord(directory: string, env: NodeJS.ProcessEnv, stack: string): StackRecord {
  const history = pulumi(directory, env, [
    "stack",
    "history",
    "--json",
    "--page-size",
    entries,
    "--stack",
    stack,
  ]);
  if (history === undefined) return { history: [] };
  const state = pulumi(directory, env, ["stack", "export", "--stack", stack]);
  if (state === undefined) return { history: [] };
  try {
    return { history: (JSON.parse(history) as readonly StackUpdate[] | null) ?? [], state: summary(state) };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("the Pulumi CLI printed a history or state that is not JSON");
  }
}

interface Exported {
  readonly deployment?: {
    readonly manifest?: { readonly time?: string };
    readonly resources?: readonly unknown[];
    readonly pending_operations?: readonly unknown[];
  } | null;
}

function summary(text: string): StateSummary {
  const { deployment } = JSON.parse(text) as Exported;
  const written = deployment?.manifest?.time;
  if (written === undefined) throw new Refusal("the stack's state has no time of writing");
  const { resources, pending_operations: pending } = deployment ?? {};
  return { written, resources: resources?.length ?? 0, pending: pending?.length ?? 0 };
}

/** The output of a Pulumi command; undefined where there is no such stack. */
function pulumi(directory: string, env: NodeJS.ProcessEnv, args: readonly string[]): string | undefined {
  const run = childProcess.spawnSync("pulumi", [...args, "--non-interactive"], {
    cwd: directory,
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    encoding: "utf8",
    maxBuffer: 512 * 1024 * 1024,
    timeout: 120_000,
  });
  if (run.error !== undefined) {
    throw new Refusal(
      `pulumi cannot be run: ${(run.error as NodeJS.ErrnoException).code ?? run.error.message}`,
    );
  }
  if (run.status === 0) return run.stdout;
  if (/no stack named '[^']*' found/.test(run.stderr)) return undefined;
  const [why = ""] = run.stderr.split("\n").filter((line) => line.startsWith("error:"));
  throw new Refusal(
    `pulumi ${args.slice(0, 2).join(" ")} failed: ${why === "" ? `exit code ${run.status ?? "none"}` : why}`,
  );
}

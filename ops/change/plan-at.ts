import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { judgeStack } from "../../model/checks/accept";
import type { SideFindings } from "../../model/change/checks";
import { type Words, plainWords, words } from "../../model/change/formatted-text";
import type { ClusterPlan } from "../../model/plan/plan";
import { planCluster } from "../../model/plan/plan-cluster";
import { withoutSecretVariables } from "../../model/redaction/text";
import { keyPairReader } from "../stack/key-pairs";
import { readStackFile } from "../stack/read-stack-file";
import type { BaseTree } from "./base";

/** What was decided about a stack, or why nothing could be. */
export interface Planned extends SideFindings {
  readonly plan?: ClusterPlan;
  readonly note?: Words;
  /** Why the base's own code could not plan: this plan was made with the new code. */
  readonly unplanned?: string;
}

/** The plan of a stack file by the code that runs here. */
export function planHere(directory: string, name: string, today: string): Planned {
  const { stack, findings } = readStackFile(directory, name);
  if (stack === undefined) return { findings, accepted: [] };
  const result = judgeStack(stack, today, undefined, keyPairReader(new Date(today)));
  const found = { findings: [...findings, ...result.findings], accepted: result.accepted };
  try {
    return { ...found, plan: planCluster(stack) };
  } catch (error) {
    // A plan takes for granted that no check refuses the stack.
    if (found.findings.some(({ severity }) => severity === "error")) return found;
    throw error;
  }
}

/** The parts of the program that decide about a stack. */
const planningCode = ["model", "ops/stack", "ops/change", "package.json", "tsconfig.json"];

/** Whether a changed file of the project can lead to another plan from the same stack file. */
export function isPlanningCode(file: string): boolean {
  return /^(model|ops\/stack)\//.test(file) && !/^model\/(change|live)\//.test(file);
}

const timeoutSeconds = 240;

/** The plan of the base's stack file by the base's own code; by the new code, with a note, where the base's code no longer runs. */
export function planByBase(tree: BaseTree, project: string, name: string, today: string): Planned {
  tree.bring(planningCode);
  const modules = path.join(project, "node_modules");
  const program = path.join(tree.directory, "ops/change/print-plan.ts");
  try {
    fs.symlinkSync(modules, path.join(tree.directory, "node_modules"));
    fs.mkdirSync(path.dirname(program), { recursive: true });
    fs.copyFileSync(path.join(__dirname, "../change/print-plan.ts"), program);
    const args = ["--import", "tsx", program, tree.directory, name, today];
    const printed = childProcess.execFileSync(process.execPath, args, {
      cwd: tree.directory,
      env: withoutSecretVariables(process.env),
      encoding: "utf8",
      timeout: timeoutSeconds * 1000,
      maxBuffer: 256 * 1024 * 1024,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const planned = JSON.parse(printed) as Planned;
    return {
      ...planned,
      note: plainWords("The program's code changes too: each side was planned with its own code."),
    };
  } catch (error) {
    const why =
      (error as Error).message.split("\n").find((line) => /Error:/.test(line)) ?? "it does not run here";
    return {
      ...planHere(tree.directory, name, today),
      unplanned: why,
      note: words`The program's code changes too, and the base's code could not plan (${why}): both sides were planned with the new code, so what the code itself changes is not shown.`,
    };
  }
}

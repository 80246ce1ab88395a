import fs from "node:fs";
import path from "node:path";
import { handOverFiles } from "../../model/live/hand-over/hand-over";
import { handOverRules } from "../../model/live/hand-over/rules";
import { type GitopsTool, type HandOver, defaultRepository } from "../../model/live/hand-over/tool";
import type { ClusterPlan } from "../../model/plan/plan";
import {
  type Verdict,
  allFindings,
  isError,
  verdictOf,
  verdictText,
} from "../../model/live/preflight/verdict";
import { renderHere } from "../cilium/render";
import { StackClusters } from "../live/clusters";
import { readRunning } from "../verify/read-running";
import { chosenPlan } from "./options";
import { type ExitCode, type Terminal, exitCodes } from "./terminal";

/** Options of `gitops`. */
export interface GitopsOptions {
  readonly stack?: string;
  readonly tool: GitopsTool;
  readonly output?: string;
  readonly bgp?: true;
  readonly namespace?: string;
  readonly destination?: string;
  readonly repository?: string;
}

/** Compares what the tool would render with what runs, and writes its objects when they are the same. */
export async function gitopsAction(terminal: Terminal, options: GitopsOptions): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  const handOver = handOverOf(plan, options);
  const verdicts = await verdictsOf(terminal, handOver);
  terminal.err(`${verdicts.map(verdictText).join("\n")}\n`);
  if (allFindings(verdicts).some(isError)) return refused(terminal, exitCodes.findings);
  if (verdicts.some(({ unknown }) => unknown.length > 0)) return refused(terminal, exitCodes.couldNotTell);
  write(terminal, options.output, handOverFiles(handOver));
  terminal.err(nextSteps(handOver));
  return exitCodes.holds;
}

function handOverOf(
  plan: ClusterPlan,
  { tool, namespace, destination, repository, bgp }: GitopsOptions,
): HandOver {
  const isFlux = tool === "flux";
  return {
    tool,
    plan,
    namespace: namespace ?? (isFlux ? plan.namespace : "argocd"),
    destination: destination ?? (isFlux ? `${plan.name}-kubeconfig` : plan.name),
    repository: repository ?? defaultRepository[tool],
    bgp: bgp === true,
  };
}

async function verdictsOf(terminal: Terminal, handOver: HandOver): Promise<readonly Verdict[]> {
  const { plan } = handOver;
  await using clusters = new StackClusters(plan, terminal.directory);
  const rendered = await renderHere(plan.cilium, terminal.directory, terminal.env);
  const running = await readRunning(plan, clusters, rendered, () => terminal.now().getTime());
  return handOverRules.map((rule) => verdictOf(rule, rule.judge(handOver, running)));
}

function refused(terminal: Terminal, code: ExitCode): ExitCode {
  terminal.err("refused: nothing was written\n");
  return code;
}

function write(terminal: Terminal, output: string | undefined, files: ReadonlyMap<string, string>): void {
  if (output === undefined) {
    terminal.document([...files.values()].join("---\n"));
    return;
  }
  const folder = path.resolve(terminal.directory, output);
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) {
    fs.writeFileSync(path.join(folder, name), text);
    terminal.out(path.join(output, name));
  }
}

function nextSteps({ plan, bgp }: HandOver): string {
  const missing = [
    ...(plan.cilium.lifecycle === "gitops" ? [] : ["cilium.lifecycle: gitops"]),
    ...(!bgp || plan.bgp === undefined || plan.bgp.lifecycle === "gitops" ? [] : ["bgp.lifecycle: gitops"]),
  ];
  const first =
    missing.length === 0 ? "" : `write ${missing.join(" and ")} into the stack file, pulumi up; then `;
  return `next: ${first}commit and apply these files; npm run metal -- verify reports field manager conflicts\n`;
}

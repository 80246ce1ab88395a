import fs from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import {
  type GitopsTool,
  type HandOver,
  defaultRepository,
  gitopsTools,
  handOverFiles,
  handOverRules,
} from "../../model/live/hand-over/hand-over";
import {
  type Verdict,
  allFindings,
  isError,
  verdictOf,
  verdictText,
} from "../../model/live/preflight/check-result";
import type { ClusterPlan } from "../../model/plan/plan";
import { refuseLinkOn, writeWithoutLinks } from "../stack/project-files";
import { chosenPlan, stackOption } from "./options";
import type { Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Options of `gitops`. */
interface GitopsOptions {
  readonly stack?: string;
  readonly tool: GitopsTool;
  readonly output?: string;
  readonly bgp?: true;
  readonly namespace?: string;
  readonly destination?: string;
  readonly repository?: string;
}

/** `gitops`: the objects with which Argo CD or Flux takes ownership of Cilium, once it is proven that nothing would change. */
export function gitopsCommand(terminal: Terminal): Command {
  return new Command("gitops")
    .description(
      "write the objects that hand Cilium over to Argo CD or Flux; refused if that would change the running Cilium",
    )
    .addOption(stackOption())
    .addOption(
      new Option("--tool <tool>", "the next owner of Cilium").choices(gitopsTools).makeOptionMandatory(),
    )
    .option(
      "--output <directory>",
      "write cilium.yaml (and bgp.yaml) to this directory instead of printing them",
    )
    .option("--bgp", "also hand over the BGP objects; passwords stay with the stack")
    .option(
      "--namespace <namespace>",
      "the namespace of the tool's objects (default: argocd, or for Flux the stack's namespace)",
    )
    .option(
      "--destination <name>",
      "how the tool finds the cluster: its name in Argo CD, a kubeconfig's Secret for Flux, or in-cluster",
    )
    .option("--repository <url>", "the chart repository (default: the public one)")
    .addHelpText(
      "after",
      "\nNext: set cilium.lifecycle: gitops (with --bgp also bgp.lifecycle: gitops) in the stack file, run pulumi up, and\n" +
        "only then apply the files. Deleting a Flux HelmRelease uninstalls Cilium unless it is suspended first.\n" +
        "Examples:\n  npm run metal -- gitops --stack capi-1 --tool argocd\n" +
        "  npm run metal -- gitops --tool flux --bgp --output clusters/capi-1",
    )
    .action(async (options: GitopsOptions) => {
      terminal.end(await gitopsAction(terminal, options));
    });
}

/** Compares what the tool would render with what runs, and writes its objects when they are the same. */
async function gitopsAction(terminal: Terminal, options: GitopsOptions): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  const handOver = handOverOf(plan, options);
  const verdicts = await verdictsOf(terminal, handOver);
  terminal.err(`${verdicts.map(verdictText).join("\n")}\n`);
  if (allFindings(verdicts).some(isError)) return refused(terminal, exitCodes.findings);
  if (verdicts.some(({ unknown }) => unknown.length > 0)) return refused(terminal, exitCodes.undecided);
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
  const [{ StackClusters }, { renderHere }, { readRunning }] = await Promise.all([
    import("../live/clusters.js"),
    import("../cilium/render.js"),
    import("../verify/read-running.js"),
  ]);
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
  refuseLinkOn(terminal.directory, output);
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) {
    writeWithoutLinks(terminal.directory, path.join(folder, name), text);
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

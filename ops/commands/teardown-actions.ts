import type { Stack } from "../../model/stack/schema";
import { counted } from "../../model/text/wording";
import { isError } from "../../model/live/preflight/verdict";
import { type LiveCluster } from "../../model/live/rollout/live-cluster";
import { serverOf, serverText } from "../../model/live/rollout/server";
import { type DestroyPlan, destroyPlan, destroyRules } from "../../model/live/teardown/destroy-plan";
import { planDetach } from "../../model/live/teardown/detach";
import { type KubernetesApi, UnreachableError } from "../kubernetes/api";
import { KubeconfigError } from "../kubernetes/kubeconfig";
import { Management } from "../preflight/management";
import { planFrom } from "../stack/plan-from";
import { readStackFile } from "../stack/read-stack-file";
import { DetachIncomplete, detach } from "../teardown/detach";
import type { DestroyPlanOptions } from "./destroy-plan";
import type { DetachOptions } from "./detach";
import { printReport } from "./report-option";
import { chosenStack } from "./stack-option";
import { type ExitCode, Refusal, type Terminal, exitCodes } from "./terminal";

/** Prints what a destroy would do. Returns the exit code. */
export async function destroyPlanAction(terminal: Terminal, options: DestroyPlanOptions): Promise<ExitCode> {
  return withLive(terminal, options.stack, async (stack, live) => {
    const plan = destroyPlan(stack, live);
    if (options.json === true || options.format === "json") {
      terminal.json({ subject: stack.name, ...plan }, 2);
    } else {
      terminal.out(planText(stack, plan));
      printReport(terminal, options, {
        subject: stack.name,
        findings: plan.findings,
        checksRun: destroyRules.length,
      });
    }
    return plan.findings.some(isError) ? exitCodes.findings : exitCodes.holds;
  });
}

function planText({ name }: Stack, { machines, servers, others }: DestroyPlan): string {
  const lines = servers.map(
    ({ server, fate, machine }) =>
      `   ${fate.padEnd(22)} ${serverText(server)}${machine === undefined ? "" : `, machine ${machine}`}`,
  );
  return [
    `pulumi destroy of ${name}, in its order:`,
    `1  the Cluster with its ${counted(machines, "machine")}: workers first, then the control plane; nothing inside is drained`,
    `2  ${counted(servers.length, "host")}:`,
    ...lines,
    "3  templates, address pools, resource set, logins",
    others.length === 0
      ? "nothing of anybody else is in this namespace"
      : `stays, because it is not of this stack: ${others.join(", ")}`,
  ].join("\n");
}

/** Gives hosts up, or says what it would do. Returns the exit code. */
export async function detachAction(
  terminal: Terminal,
  names: readonly string[],
  options: DetachOptions,
): Promise<ExitCode> {
  if ((names.length === 0) !== (options.all === true)) {
    throw new Refusal("name the hosts to give up, or --all for every host and the Cluster");
  }
  const timeoutSeconds = Number(options.timeout);
  if (!(timeoutSeconds > 0)) throw new Refusal(`--timeout "${options.timeout}" is no number of seconds`);
  return withLive(terminal, options.stack, async (stack, live, api) => {
    const plan = planDetach(stack, live, names);
    if (plan.refusals.length > 0) {
      for (const { problem, fix } of plan.refusals) terminal.err(`error: ${problem}\n  fix: ${fix}\n`);
      return exitCodes.findings;
    }
    if (plan.hosts.length === 0 && plan.cluster === undefined) {
      terminal.out(
        "nothing of the stack is left to give up; next: pulumi destroy removes what is left of the stack",
      );
      return exitCodes.holds;
    }
    const servers = plan.hosts.map((host) =>
      serverText(serverOf(host, live.hardware.get(host.metadata.name))),
    );
    terminal.out(
      [
        "given up as they are:",
        ...servers.map((server) => `  ${server}`),
        "left behind: their disks with everything on them, logins of this cluster included; their power as it is",
        ...(plan.cluster === undefined
          ? []
          : ["the Cluster is deleted; its nodes run on, and nothing manages them"]),
      ].join("\n"),
    );
    if (options.yes !== true) {
      terminal.err("nothing was done: --yes does it\n");
      return exitCodes.wouldHaveAsked;
    }
    await detach(plan, { api, say: (line) => terminal.out(line), timeoutSeconds });
    terminal.out(
      plan.cluster === undefined
        ? "next: take these hosts out of the stack file and run pulumi up, or let pulumi destroy go on"
        : "next: pulumi destroy removes what is left of the stack",
    );
    return exitCodes.holds;
  });
}

async function withLive(
  terminal: Terminal,
  asked: string | undefined,
  act: (stack: Stack, live: LiveCluster, api: KubernetesApi) => Promise<ExitCode>,
): Promise<ExitCode> {
  const name = chosenStack(terminal, asked);
  const { stack, source, findings } = readStackFile(terminal.directory, name);
  if (stack === undefined) {
    printReport(terminal, {}, { subject: name, source, findings });
    return exitCodes.couldNotTell;
  }
  const management = new Management(planFrom(terminal.directory, stack), Promise.resolve({}));
  try {
    return await act(stack, await management.live(), await management.api());
  } catch (error) {
    const known = error instanceof UnreachableError || error instanceof KubeconfigError;
    if (!known && !(error instanceof DetachIncomplete)) throw error;
    throw new Refusal(error.message);
  } finally {
    management.close();
  }
}

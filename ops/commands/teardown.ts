import { Argument, Command, Option } from "commander";
import { isError } from "../../model/live/preflight/check-result";
import type { LiveCluster } from "../../model/live/rollout/live-cluster";
import { serverOf, serverText } from "../../model/live/rollout/server";
import type { DestroyPlan } from "../../model/live/teardown/destroy-plan";
import type { Stack } from "../../model/stack/schema";
import { counted } from "../../model/text/wording";
import type { KubernetesApi } from "../kubernetes/api";
import { planFrom, readStackFile } from "../stack/read-stack-file";
import {
  type ReportOptions,
  chosenStack,
  formatOption,
  jsonOption,
  printReport,
  stackOption,
} from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Options of `destroy-plan`. */
interface DestroyPlanOptions extends ReportOptions {
  readonly stack?: string;
}

/** Options of `detach`. */
interface DetachOptions {
  readonly stack?: string;
  readonly all?: true;
  readonly yes?: true;
  readonly timeout: string;
}

/** `destroy-plan`: what `pulumi destroy` would do to the servers, and what would block it. */
export function destroyPlanCommand(terminal: Terminal): Command {
  return new Command("destroy-plan")
    .description(
      "list what pulumi destroy would wipe and power off, and what would block it; changes nothing",
    )
    .addOption(stackOption())
    .addOption(formatOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- destroy-plan --stack capi-1\n" +
        "  npm run metal -- destroy-plan --json    (exit 1 when something would block the destroy)",
    )
    .action(async (options: DestroyPlanOptions) => {
      terminal.end(await destroyPlanAction(terminal, options));
    });
}

/** `detach`: detaches servers without wiping them or powering them off. */
export function detachCommand(terminal: Terminal): Command {
  return new Command("detach")
    .description(
      "detach hosts without wiping or powering them off: free hosts, hosts that block a destroy, or the whole cluster",
    )
    .addArgument(new Argument("[host...]", "hosts that are free, or whose cluster is being deleted"))
    .addOption(stackOption())
    .addOption(new Option("--all", "every host, and the Cluster: its nodes keep running unmanaged"))
    .addOption(new Option("--yes", "proceed; without it, only print what would be done"))
    .addOption(new Option("--timeout <seconds>", "deadline for each host").default("300"))
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- detach capi-1-w-1 --stack capi-1 --yes    (its BMC hangs in a destroy)\n" +
        "  npm run metal -- detach --all --stack capi-1 --yes    (then pulumi destroy removes the rest)",
    )
    .action(async (hosts: readonly string[], options: DetachOptions) => {
      terminal.end(await detachAction(terminal, hosts, options));
    });
}

/** Prints what a destroy would do. Returns the exit code. */
async function destroyPlanAction(terminal: Terminal, options: DestroyPlanOptions): Promise<ExitCode> {
  const { destroyPlan, destroyRules } = await import("../../model/live/teardown/destroy-plan.js");
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
    ({ server, fate, machine, claimedBy }) =>
      `   ${fate.padEnd(22)} ${serverText(server)}${machine === undefined ? "" : `, machine ${machine}`}${claimedBy === undefined ? "" : `, claimed by ${claimedBy}`}`,
  );
  return [
    `pulumi destroy of ${name}, in its order:`,
    `1  the Cluster with its ${counted(machines, "machine")}: workers first, then the control plane; nothing inside is drained`,
    `2  ${counted(servers.length, "host")}:`,
    ...lines,
    "3  templates, address pools, resource set, logins",
    others.length === 0
      ? "the namespace contains no objects of other owners"
      : `retained, because it does not belong to this stack: ${others.join(", ")}`,
  ].join("\n");
}

/** Detaches hosts, or prints what it would do. Returns the exit code. */
async function detachAction(
  terminal: Terminal,
  names: readonly string[],
  options: DetachOptions,
): Promise<ExitCode> {
  if ((names.length === 0) !== (options.all === true)) {
    throw new Refusal("name the hosts to detach, or --all for every host and the Cluster");
  }
  const timeoutSeconds = Number(options.timeout);
  if (!(timeoutSeconds > 0)) throw new Refusal(`--timeout "${options.timeout}" is not a number of seconds`);
  const { planDetach } = await import("../../model/live/teardown/detach.js");
  const { detach } = await import("../teardown/detach.js");
  return withLive(terminal, options.stack, async (stack, live, api) => {
    const plan = planDetach(stack, live, names);
    if (plan.refusals.length > 0) {
      for (const { problem, fix } of plan.refusals) terminal.err(`error: ${problem}\n  fix: ${fix}\n`);
      return exitCodes.findings;
    }
    if (plan.hosts.length === 0 && plan.cluster === undefined) {
      terminal.out(
        "no host of the stack is left to detach; next: pulumi destroy removes the rest of the stack",
      );
      return exitCodes.holds;
    }
    const servers = plan.hosts.map((host) =>
      serverText(serverOf(host, live.hardware.get(host.metadata.name))),
    );
    terminal.out(
      [
        "detached as they are:",
        ...servers.map((server) => `  ${server}`),
        "unchanged: their disks with all data, including credentials of this cluster; their power state",
        ...(plan.cluster === undefined ? [] : ["the Cluster is deleted; its nodes keep running unmanaged"]),
      ].join("\n"),
    );
    if (options.yes !== true) {
      terminal.err("confirmation required, nothing was changed; pass --yes to proceed\n");
      return exitCodes.confirmationRequired;
    }
    await detach(plan, { api, report: (line) => terminal.out(line), timeoutSeconds });
    terminal.out(
      plan.cluster === undefined
        ? "next: remove these hosts from the stack file and run pulumi up, or continue pulumi destroy"
        : "next: pulumi destroy removes the rest of the stack",
    );
    return exitCodes.holds;
  });
}

async function withLive(
  terminal: Terminal,
  requested: string | undefined,
  act: (stack: Stack, live: LiveCluster, api: KubernetesApi) => Promise<ExitCode>,
): Promise<ExitCode> {
  const name = chosenStack(terminal, requested);
  const { stack, source, findings } = readStackFile(terminal.directory, name);
  if (stack === undefined) {
    printReport(terminal, {}, { subject: name, source, findings });
    return exitCodes.undecided;
  }
  const [{ Management }, { UnreachableError }, { KubeconfigError }, { DetachIncomplete }] = await Promise.all(
    [
      import("../preflight/management.js"),
      import("../kubernetes/api.js"),
      import("../kubernetes/kubeconfig.js"),
      import("../teardown/detach.js"),
    ],
  );
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

import type { ResourceType } from "../../model/kubernetes/object";
import { Command, Option } from "commander";
import { resources } from "../../model/kubernetes/resources";
import { type RouterState, readRouterState, routerCommand } from "../../model/live/bgp/router-state";
import type { ClusterSide, Verification } from "../../model/live/bgp/verify";
import type { ClusterPlan } from "../../model/plan/plan";
import { RouterUnreadable, commandOutput, fileText } from "../router/routers";
import { chosenPlan, findingLines, stackOption } from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Options of `bgp verify`. */
interface BgpVerifyOptions {
  readonly stack?: string;
  readonly router?: string;
  readonly routerOutput?: string;
  readonly routerCommand?: string;
  readonly json?: true;
}

/** `bgp`: commands for a running cluster's BGP. */
export function bgpCommand(terminal: Terminal): Command {
  const bgp = new Command("bgp")
    .description("compare BGP of a running cluster with the plan")
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  bgp.addHelpText(
    "after",
    "\nExamples:\n  npm run metal -- bgp verify --stack capi-1\n  npm run metal -- bgp verify --help",
  );
  bgp
    .command("verify")
    .description("compare sessions and routes of both ends with the plan; changes nothing")
    .showSuggestionAfterError()
    .addOption(stackOption())
    .option("--router <name>", "the router whose output is given (default: the only router of the stack)")
    .addOption(
      new Option(
        "--router-output <file>",
        "FRR's output, in a file or - for standard input (see below)",
      ).conflicts("routerCommand"),
    )
    .option("--router-command <command>", "a command that prints FRR's output")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nExamples:\n  npm run metal -- bgp verify --stack capi-1 --router-output answer.txt\n\nQuery the router with, for example:\n  ssh admin@192.168.254.1 -- "${routerCommand}"\n` +
        "Without the router's output only the cluster's side is compared.",
    )
    .action(async (options: BgpVerifyOptions) => {
      terminal.end(await verifyAction(terminal, options));
    });
  return bgp;
}

/** Reads the cluster and a router's output, and reports every difference from the plan. */
async function verifyAction(terminal: Terminal, options: BgpVerifyOptions): Promise<ExitCode> {
  const { name, plan } = chosenPlan(terminal, options.stack);
  if (plan.bgp === undefined) {
    terminal.out(`not applicable: stack ${name} has no bgp`);
    return exitCodes.holds;
  }
  const [{ verifyBgp }, { ClusterUnreadable }] = await Promise.all([
    import("../../model/live/bgp/verify.js"),
    import("../live/clusters.js"),
  ]);
  const routers = routerStates(terminal, plan, options);
  try {
    const found = verifyBgp(plan.bgp.readiness, await clusterSide(plan, terminal.directory), routers);
    if (options.json === true) terminal.json(jsonOf(name, found), 2);
    else terminal.out(textOf(name, plan, found));
    return found.findings.length === 0 ? exitCodes.holds : exitCodes.findings;
  } catch (error) {
    if (error instanceof ClusterUnreadable) throw new Refusal(error.message);
    throw error;
  }
}

function routerStates(
  terminal: Terminal,
  plan: ClusterPlan,
  options: BgpVerifyOptions,
): ReadonlyMap<string, RouterState> {
  const { routerOutput: file, routerCommand: command } = options;
  if (file === undefined && command === undefined) return new Map();
  const names = plan.routers.map(({ router }) => router);
  const name = options.router ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined || !names.includes(name)) {
    throw new Refusal(`choose the router of this output: --router ${names.join(" | ")}`);
  }
  try {
    const state = readRouterState(
      command === undefined ? fileText(file ?? "-") : commandOutput(command, terminal.env),
    );
    if (state !== undefined) return new Map([[name, state]]);
  } catch (error) {
    if (!(error instanceof RouterUnreadable)) throw error;
    throw new Refusal(error.message);
  }
  throw new Refusal(
    "the router's output contains no JSON of show bgp; npm run metal -- bgp verify --help shows the query",
  );
}

function textOf(name: string, plan: ClusterPlan, found: Verification): string {
  const { sessions, findings, routersCompared, routes } = found;
  const nodes = new Set(sessions.map(({ node }) => node)).size;
  const names = plan.routers.map(({ router }) => router);
  const uncompared = names.filter((one) => !routersCompared.includes(one));
  const looked = [
    `${sessions.length} sessions of ${nodes} nodes`,
    ...(routersCompared.length === 0 ? [] : [`${routes} routes on ${routersCompared.join(", ")}`]),
    ...(uncompared.length === 0 ? [] : [`router ${uncompared.join(", ")} not compared`]),
  ].join(", ");
  if (findings.length === 0) return `ok  ${name}: as planned; compared ${looked}`;
  return `${findingLines(findings)}${findings.length} differences in ${name}; compared ${looked}`;
}

function jsonOf(stack: string, { sessions, routersCompared, findings }: Verification): object {
  const rows = sessions.map(({ node, address, localASN, peer, state, advertised, routes }) => ({
    node,
    address,
    localASN,
    peer: peer.name,
    router: peer.router,
    peerAddress: peer.address,
    peerASN: peer.asn,
    state,
    advertised,
    expected: [...routes.must].sort(),
    possible: [...routes.may].sort(),
  }));
  return { stack, routersCompared, sessions: rows, findings };
}

/** Reads the workload cluster's BGP objects with the kubeconfig that Cluster API keeps; reads only, and runs nothing there. */
async function clusterSide(plan: ClusterPlan, directory: string): Promise<ClusterSide> {
  const { StackClusters, queried } = await import("../live/clusters.js");
  await using clusters = new StackClusters(plan, directory);
  const workload = await clusters.workload();
  const all = async <Kind extends string>(type: ResourceType<Kind>) => (await workload.list(type)).items;
  return await queried(`cluster ${plan.name}`, async () => {
    const [nodes, nodeConfigs, peerConfigs, advertisements, services] = await Promise.all([
      all(resources.Node),
      all(resources.CiliumBGPNodeConfig),
      all(resources.CiliumBGPPeerConfig),
      all(resources.CiliumBGPAdvertisement),
      all(resources.Service),
    ]);
    return { nodes, nodeConfigs, peerConfigs, advertisements, services };
  });
}

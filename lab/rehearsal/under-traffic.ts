import { execFile } from "node:child_process";
import { pause, polled } from "../../ops/polling";
import { agentSelector } from "../../model/kubernetes/labels";
import { list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { KubernetesApi } from "../../ops/kubernetes/api";
import type { TrafficFault } from "../faults/fault";
import { ask, Traffic, trafficPort } from "../nodes/traffic";
import { type MeasuredRoutes, type MeasuredStream, type Stream, TrafficMeter } from "../nodes/traffic-meter";
import { internalAddresses } from "../workload/node-objects";
import { settled, type Verdict } from "./report";
import { Findings, type Rehearsal, type RehearsalResult, StepFailed } from "./steps";
import { ciliumRolledOut, sessionsEstablished, verify, workloadKubeconfig } from "./verify";
import { agentLog, ownRouters } from "./verify-bgp";
import { serviceOf } from "./verify-traffic";
import { changeStackFile, readStackFile } from "./workspace";

/** Without an answer for longer, the datapath itself was gone, and not one agent of two. */
const longestGapSeconds = 10;

const loadBalancerName = "the LoadBalancer address";

/** A node that is lost is known to be so after its lease, 40 s, and the grace period of its kubelet. */
const lostSeconds = 180;

const noticeSeconds = 5;

/** What became of the traffic while something was done. */
interface Measured {
  readonly streams: readonly MeasuredStream[];
  readonly routes: readonly MeasuredRoutes[];
}

/** Does something while requests flow through every node, and answers what became of them. */
async function underTraffic(
  rehearsal: Rehearsal,
  work: (workload: KubernetesApi) => Promise<void>,
): Promise<Measured> {
  const { lab, facts } = rehearsal;
  if (lab.nodes === undefined) throw new Error("traffic needs real agents");
  const workload = await KubernetesApi.open(await workloadKubeconfig(lab.plane.api, facts));
  const { processes } = lab.context;
  const traffic = await Traffic.start(lab.nodes, processes, workload);
  try {
    const nodes = (await workload.list(resources.Node)).items.flatMap(
      (node) => internalAddresses(node)[0] ?? [],
    );
    const address = facts.hasBgp ? await announcedAddress(workload, traffic) : undefined;
    const streams = streamsOf(traffic, address);
    const meter = await TrafficMeter.start(processes, streams, ownRouters(lab, facts), nodes);
    try {
      await work(workload);
    } finally {
      await meter.end();
    }
    return meter.measured();
  } finally {
    await traffic.stop();
    workload.close();
  }
}

/** Sets the stack's own version of Cilium and runs `pulumi up` under traffic, and verifies the cluster again. */
export async function upgradeCilium(rehearsal: Rehearsal): Promise<RehearsalResult> {
  const { engine, lab, facts, narrator } = rehearsal;
  const findings = new Findings(narrator);
  const from = facts.ciliumVersion;
  const to = readStackFile(engine.workspace.stackName).facts.ciliumVersion;
  changeStackFile(engine.workspace, [
    { at: ["metal:cilium", "version"], to },
    { at: ["metal:cilium", "installedVersion"], to: from },
  ]);
  const { streams, routes } = await underTraffic(rehearsal, async () => {
    narrator.step(`pulumi up --yes, from Cilium ${from} to ${to} under traffic`);
    const run = await engine.run("up", "--yes", "--skip-preview", "--suppress-outputs");
    if (run.code !== 0) throw new StepFailed(`pulumi up ended with exit code ${run.code}`);
    narrator.holds(`pulumi up took ${run.seconds.toFixed(1)} s`);
  });
  findings.add([...streams.map(streamVerdict), ...routes.map(routesVerdict)]);
  narrator.step(`verify Cilium ${to} against both clusters`);
  findings.add(await verify(lab, facts));
  return findings.result();
}

/** Injects a fault of a finished cluster under traffic, repairs it, and verifies the cluster again. */
export async function faultUnderTraffic(rehearsal: Rehearsal, fault: TrafficFault): Promise<RehearsalResult> {
  const { lab, facts, narrator } = rehearsal;
  const { nodes } = lab;
  const node = nodes?.names.at(-1);
  if (nodes === undefined || node === undefined) throw new Error("the fault needs real agents");
  const findings = new Findings(narrator);
  const { streams, routes } = await underTraffic(rehearsal, async (workload) => {
    await fault.inject(nodes, node, workload);
    narrator.step(`fault ${fault.name} injected on ${node} (${fault.breaks})`);
    // Until it shows in what the cluster reports.
    await pause(noticeSeconds);
    if (fault.named !== undefined) findings.add([await named(rehearsal, fault.named)]);
    if (fault.agentLogs !== undefined) findings.add([await agentLogs(workload, fault.agentLogs)]);
    await fault.repair(nodes, node, workload);
    findings.add([await settled(() => worksAgain(rehearsal), lostSeconds)]);
    narrator.holds(`fault ${fault.name} is repaired`);
  });
  findings.add([...streams.map((stream) => hit(fault, node, stream)), ...routes.map(routesVerdict)]);
  narrator.step("verify against both clusters");
  findings.add(await verify(lab, facts));
  return findings.result();
}

/**
 * What a fault may do to a stream: one of a node that is cut off, and the client's, which the router sends over that node until
 * its session's hold time is over, are reported and not judged.
 */
function hit(fault: TrafficFault, node: string, stream: MeasuredStream): Verdict {
  const verdict = streamVerdict(stream);
  const isCut = [stream.from, stream.to].some((end) => end.endsWith(node)) || stream.to === loadBalancerName;
  return fault.cutsNode && isCut ? { ...verdict, against: [] } : verdict;
}

/** Whether a command of the program names the fault while it lasts. */
async function named(
  { engine }: Rehearsal,
  { by, printing }: NonNullable<TrafficFault["named"]>,
): Promise<Verdict> {
  const { project, stackName } = engine.workspace;
  const argv = ["startup/metal.cjs", by, "--stack", stackName];
  const read = () =>
    new Promise<string>((resolve) => {
      const options = { cwd: project, env: { ...process.env, ...engine.env }, maxBuffer: 64e6 };
      execFile(process.execPath, argv, options, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
    });
  const limits = { seconds: lostSeconds, everySeconds: 5 };
  const { held, reading, waitedSeconds } = await polled(read, (output) => printing.test(output), limits);
  return {
    statement: `metal ${by} names ${printing.source.replaceAll("\\", "")} (after ${waitedSeconds.toFixed(0)} s)`,
    against: held ? [] : reading.split("\n").slice(0, 8),
  };
}

/** Whether an agent has written these words. */
async function agentLogs(workload: KubernetesApi, words: RegExp): Promise<Verdict> {
  const read = async () => {
    const { items } = await workload.list(resources.Pod, undefined, { labelSelector: agentSelector });
    const logs = await Promise.all(
      // While the container starts again, there is no log.
      items.map(({ metadata }) => agentLog(workload, metadata).catch(() => "")),
    );
    return logs.filter((log) => words.test(String(log))).length;
  };
  const { held, reading } = await polled(read, (count) => count > 0, { seconds: 120, everySeconds: 5 });
  return {
    statement: `the logs of ${reading} agents hold "${words.source}"`,
    against: held ? [] : ["no agent has written it"],
  };
}

async function worksAgain({ lab, facts }: Rehearsal): Promise<Verdict> {
  const workload = await KubernetesApi.open(await workloadKubeconfig(lab.plane.api, facts));
  try {
    const verdicts = [await ciliumRolledOut(workload), await sessionsEstablished(workload, facts)];
    return {
      statement: "Cilium is rolled out again, and its sessions are established",
      against: verdicts.flatMap(({ against }) => against),
    };
  } finally {
    workload.close();
  }
}

/** Between pods of different nodes, each node sending and receiving, and from the client to a LoadBalancer address. */
function streamsOf({ pods, client }: Traffic, loadBalancer: string | undefined): readonly Stream[] {
  const between = pods.flatMap((from, index) => {
    const to = pods[(index + 1) % pods.length];
    const [host] = to?.addresses ?? [];
    return to === undefined || host === undefined || to === from
      ? []
      : [{ from, to: to.name, host, port: trafficPort }];
  });
  if (loadBalancer === undefined) return between;
  return [...between, { from: client, to: loadBalancerName, host: loadBalancer, port: trafficPort }];
}

/** A LoadBalancer address that the client reaches; throws where none is reached in half a minute. */
async function announcedAddress(workload: KubernetesApi, { client }: Traffic): Promise<string> {
  const read = async () => {
    const service = await serviceOf(workload, "cluster", "Cluster");
    const address = text(list(service, "status", "loadBalancer", "ingress")[0], "ip");
    if (address === undefined) return undefined;
    return (await ask(client, address, trafficPort)).kind === "answer" ? address : undefined;
  };
  const { reading } = await polled(read, (address) => address !== undefined, { seconds: 30 });
  if (reading === undefined)
    throw new StepFailed("the client behind the gateway does not reach a LoadBalancer address");
  return reading;
}

function streamVerdict({ from, to, sent, lost, longestGap }: MeasuredStream): Verdict {
  return {
    statement: `${from} to ${to}: ${lost} of ${sent} requests lost, at most ${longestGap.toFixed(1)} s without an answer`,
    against: [
      ...(sent === 0 ? ["no request was sent"] : []),
      ...(longestGap > longestGapSeconds ? [`no answer for more than ${longestGapSeconds} s`] : []),
    ],
  };
}

/** How long routes may be gone is a matter of the stack's graceful restart: it is reported and not judged. */
function routesVerdict({ router, node, secondsWithout }: MeasuredRoutes): Verdict {
  return {
    statement: `router ${router} was without routes over ${node} for ${secondsWithout.toFixed(1)} s`,
    against: [],
  };
}

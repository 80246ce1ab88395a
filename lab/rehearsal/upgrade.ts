import { polled } from "../../ops/polling";
import { list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { ask, Traffic, trafficPort } from "../nodes/traffic";
import { type MeasuredRoutes, type MeasuredStream, type Stream, TrafficMeter } from "../nodes/traffic-meter";
import type { Verdict } from "./report";
import { Findings, type Rehearsal, type RehearsalResult, StepFailed } from "./steps";
import { verify, workloadKubeconfig } from "./verify";
import { ownRouters } from "./verify-bgp";
import { serviceOf } from "./verify-traffic";
import { changeStackFile, readStackFile } from "./workspace";

/** Without an answer for longer, the datapath itself was gone, and not one agent of two. */
const longestGapSeconds = 10;

/** Sets the stack's own version of Cilium and runs `pulumi up` while requests flow through every node. */
export async function upgradeCilium(rehearsal: Rehearsal): Promise<RehearsalResult> {
  const { engine, lab, facts, narrator } = rehearsal;
  if (lab.nodes === undefined) throw new Error("an upgrade under traffic needs real agents");
  const findings = new Findings(narrator);
  const from = facts.ciliumVersion;
  const to = readStackFile(engine.workspace.stackName).facts.ciliumVersion;
  changeStackFile(engine.workspace, [
    { at: ["metal:cilium", "version"], to },
    { at: ["metal:cilium", "installedVersion"], to: from },
  ]);
  const workload = await KubernetesApi.open(await workloadKubeconfig(lab.plane.api, facts));
  const { processes } = lab.context;
  const traffic = await Traffic.start(lab.nodes, processes, workload);
  try {
    const nodes = (await workload.list(resources.Node)).items.flatMap(
      (node) => text(list(node, "status", "addresses")[0], "address") ?? [],
    );
    const address = facts.hasBgp ? await announcedAddress(workload, traffic) : undefined;
    const streams = streamsOf(traffic, address);
    const meter = await TrafficMeter.start(processes, streams, ownRouters(lab, facts), nodes);
    narrator.step(`pulumi up --yes, from Cilium ${from} to ${to} under traffic`);
    const run = await engine.run("up", "--yes", "--skip-preview", "--suppress-outputs");
    const measured = await meter.stop();
    if (run.code !== 0) throw new StepFailed(`pulumi up ended with exit code ${run.code}`);
    narrator.holds(`pulumi up took ${run.seconds.toFixed(1)} s`);
    findings.add([...measured.streams.map(streamVerdict), ...measured.routes.map(routesVerdict)]);
  } finally {
    await traffic.stop();
    workload.close();
  }
  narrator.step(`verify Cilium ${to} against both clusters`);
  findings.add(await verify(lab, facts));
  return {
    statements: findings.statements,
    contradictions: findings.contradictions,
    seconds: {},
    timeline: undefined,
  };
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
  return [
    ...between,
    { from: client, to: "the LoadBalancer address", host: loadBalancer, port: trafficPort },
  ];
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

import { readRouterState, type RouterState } from "../../model/live/bgp/router-state";
import { verifyBgp } from "../../model/live/bgp/verify";
import type { Finding } from "../../model/findings/finding";
import {
  type KubernetesObject,
  type ObjectMeta,
  list,
  resourcePath,
  text,
  type ResourceType,
} from "../../model/kubernetes/object";
import { agentSelector } from "../../model/kubernetes/labels";
import type { ClusterPlan } from "../../model/plan/plan";
import { resources } from "../../model/kubernetes/resources";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import { hostCidr } from "../../model/net/addresses";
import { polled } from "../../ops/polling";
import { planNodes } from "../simulated/cilium/bgp/plan-nodes";
import type { Router, RouterPath } from "../router";
import type { LabRun } from "./lab-run";
import type { StackFacts } from "./stack-file";
import { type Verdict, settled } from "./report";
import { controlPlaneAddresses } from "./verify-control-plane";

/** How long a change may take from the workload API to a router's table. */
const seconds = 30;

const testService = { name: "rehearsal", namespace: "default" };

/** The routers that a stack's nodes peer with. */
export function ownRouters(lab: LabRun, facts: StackFacts): readonly Router[] {
  return lab.routers.filter(({ order }) => order.clusters.includes(facts.cluster));
}

/**
 * Whether each router holds exactly what the nodes that peer with it are to announce, with the right next hops, and
 * whether the program's own comparison agrees. A LoadBalancer Service is applied first, so that there is an address of a
 * pool among it.
 */
export async function bothEndsOfBgp(
  workload: KubernetesApi,
  lab: LabRun,
  facts: StackFacts,
): Promise<Verdict[]> {
  const routers = ownRouters(lab, facts);
  if (routers.length === 0) return [];
  await applyService(workload);
  const verdicts = await Promise.all(
    routers.map((router) => settled(() => routerHolds(workload, router, facts))),
  );
  const compared = await settled(async () => {
    const findings = await compareBothEnds(workload, lab.plans.get(facts.cluster), routers);
    return {
      statement: "the program's comparison of both ends of BGP finds no difference",
      against: findings.map(({ id, at, problem }) => `${id} ${at}: ${problem}`),
    };
  });
  const endpoint = facts.endpoint.byBgp
    ? [await settled(() => endpointAnnounced(workload, routers, hostCidr(facts.endpoint.host)))]
    : [];
  return [...verdicts, ...endpoint, compared, await agentsLogsReadable(workload)];
}

/** The log of an agent's pod. */
export function agentLog(
  workload: KubernetesApi,
  { namespace, name }: ObjectMeta,
  range: { readonly tailLines?: number } = {},
): Promise<unknown> {
  const path = `${resourcePath(resources.Pod, namespace, name)}/log`;
  return workload.request("GET", path, { query: { container: "cilium-agent", ...range } });
}

/** The waiting program reads in them why a session ends, and would go on without them. */
async function agentsLogsReadable(workload: KubernetesApi): Promise<Verdict> {
  const speaking = (await workload.list(resources.CiliumBGPNodeConfig)).items.map(
    ({ metadata }) => metadata.name,
  );
  const { items } = await workload.list(resources.Pod, undefined, { labelSelector: agentSelector });
  const agents = items.filter((pod) => speaking.includes(text(pod, "spec", "nodeName") ?? ""));
  const against: string[] = [];
  for (const { metadata } of agents) {
    try {
      await agentLog(workload, metadata, { tailLines: 5 });
    } catch (error) {
      against.push(`${metadata.name}: ${(error as Error).message}`);
    }
  }
  return {
    statement: `the logs of the ${speaking.length} Cilium agents that speak BGP can be read`,
    against,
  };
}

/** What the program's own comparison finds, given what the routers answer. */
export async function compareBothEnds(
  workload: KubernetesApi,
  plan: ClusterPlan | undefined,
  routers: readonly Router[],
): Promise<readonly Finding[]> {
  const readiness = plan?.bgp?.readiness;
  if (readiness === undefined) return [];
  const items = async <Kind extends string>(type: ResourceType<Kind>) => (await workload.list(type)).items;
  const states = new Map<string, RouterState>();
  for (const router of routers) {
    const state = readRouterState(await router.answers());
    if (state !== undefined) states.set(router.order.name, state);
  }
  const cluster = {
    nodes: await items(resources.Node),
    nodeConfigs: await items(resources.CiliumBGPNodeConfig),
    peerConfigs: await items(resources.CiliumBGPPeerConfig),
    advertisements: await items(resources.CiliumBGPAdvertisement),
    services: await items(resources.Service),
  };
  return verifyBgp(readiness, cluster, states).findings;
}

async function applyService(workload: KubernetesApi): Promise<void> {
  const pools = await workload.list(resources.CiliumLoadBalancerIPPool);
  if (pools.items.length === 0) return;
  if ((await workload.get(resources.Service, testService.name, testService.namespace)) !== undefined) return;
  await workload.create(resources.Service, {
    apiVersion: "v1",
    kind: "Service",
    metadata: testService,
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  } as KubernetesObject);
  await polled(
    () => workload.get(resources.Service, testService.name, testService.namespace),
    (service) => list(service, "status", "loadBalancer", "ingress").length > 0,
    { seconds, everySeconds: 0.3 },
  );
}

/** Whether each control plane node has its session with a router, and exactly one of them announces the endpoint. */
async function endpointAnnounced(
  workload: KubernetesApi,
  routers: readonly Router[],
  prefix: string,
): Promise<Verdict> {
  const addresses = await controlPlaneAddresses(workload);
  const peers = (await Promise.all(routers.map((router) => router.peers()))).flat();
  const paths = (await Promise.all(routers.map((router) => router.paths()))).flat();
  const holders = new Set(paths.flatMap((each) => (each.prefix === prefix ? each.nextHop : [])));
  const silent = addresses.filter(
    (address) => !peers.some((each) => each.address === address && each.established),
  );
  return {
    statement: `kube-vip's sessions from ${addresses.length} control plane nodes are established, and one of them announces ${prefix}`,
    against: [
      ...silent.map((address) => `no session with ${address} is established`),
      ...(holders.size === 1 && [...holders].every((holder) => addresses.includes(holder))
        ? []
        : [`it is announced from ${holders.size === 0 ? "no node" : [...holders].join(", ")}`]),
    ],
  };
}

/** Compares a router's table with what the nodes that peer with it are to announce. */
async function routerHolds(workload: KubernetesApi, router: Router, facts: StackFacts): Promise<Verdict> {
  const wanted = await expectedPaths(workload, router.order.addresses);
  const own = new Set(wanted.map(({ nextHop }) => nextHop));
  const shared = router.order.clusters.length > 1;
  // The endpoint is not Cilium's, and has a statement of its own.
  const endpoint = facts.endpoint.byBgp ? hostCidr(facts.endpoint.host) : undefined;
  const found = (await router.paths()).filter(
    ({ prefix, nextHop }) => prefix !== endpoint && (!shared || own.has(nextHop)),
  );
  const prefixes = [...new Set(wanted.map(({ prefix }) => prefix))];
  return {
    statement:
      `router ${router.order.name} (${router.software}) holds exactly ${prefixes.length} prefixes ` +
      `over ${wanted.length} paths: ${prefixes.join(", ")}`,
    against: differences(wanted, found),
  };
}

/** What is too much, too little or invalid in a router's table. */
export function differences(
  wanted: readonly Omit<RouterPath, "valid">[],
  found: readonly RouterPath[],
): string[] {
  const key = ({ prefix, nextHop }: Omit<RouterPath, "valid">) => `${prefix} via ${nextHop}`;
  const have = new Set(found.map(key));
  const want = new Set(wanted.map(key));
  return [
    ...[...want].filter((each) => !have.has(each)).map((each) => `missing: ${each}`),
    ...[...have].filter((each) => !want.has(each)).map((each) => `not planned: ${each}`),
    ...found.filter((each) => !each.valid).map((each) => `not valid: ${key(each)}`),
    ...(wanted.length === 0 ? ["no node is to announce anything to it"] : []),
  ].sort();
}

/** What the applied objects let the nodes announce to a router, and from where. */
async function expectedPaths(
  workload: KubernetesApi,
  addresses: readonly string[],
): Promise<Omit<RouterPath, "valid">[]> {
  const items = async <Kind extends string>(type: ResourceType<Kind>) => (await workload.list(type)).items;
  const plans = planNodes({
    clusterConfigs: await items(resources.CiliumBGPClusterConfig),
    peerConfigs: await items(resources.CiliumBGPPeerConfig),
    advertisements: await items(resources.CiliumBGPAdvertisement),
    overrides: await items(resources.CiliumBGPNodeConfigOverride),
    nodes: await items(resources.CiliumNode),
    services: await items(resources.Service),
    secrets: new Map(),
  });
  return plans.flatMap(({ speakers }) =>
    speakers
      .flatMap(({ peers }) => peers)
      .filter((peer) => addresses.includes(peer.address))
      .flatMap((peer) => peer.announcements.map(({ prefix }) => ({ prefix, nextHop: peer.localAddress }))),
  );
}

import { setTimeout as sleep } from "node:timers/promises";
import { type KubernetesObject, list } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import { planNodes } from "../played/cilium/bgp/plan-nodes";
import type { Router, RouterPath } from "../router";
import type { Verdict } from "./verify";

/** How long a change may take from the workload API to a router's table. */
const SECONDS = 30;

const SERVICE = { name: "rehearsal", namespace: "default" };

/**
 * Whether each router holds exactly what the nodes that peer with it are to announce, with the right next hops. A
 * LoadBalancer Service is applied first, so that there is an address of a pool among it.
 */
export async function routersHold(workload: KubernetesApi, routers: readonly Router[]): Promise<Verdict[]> {
  if (routers.length === 0) return [];
  await applyService(workload);
  return Promise.all(routers.map((router) => routerHolds(workload, router)));
}

async function applyService(workload: KubernetesApi): Promise<void> {
  const pools = await workload.list(resources.CiliumLoadBalancerIPPool);
  if (pools.items.length === 0) return;
  if ((await workload.get(resources.Service, SERVICE.name, SERVICE.namespace)) !== undefined) return;
  await workload.create(resources.Service, {
    apiVersion: "v1",
    kind: "Service",
    metadata: SERVICE,
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  } as KubernetesObject);
  const deadline = Date.now() + SECONDS * 1000;
  while (Date.now() < deadline) {
    const service = await workload.get(resources.Service, SERVICE.name, SERVICE.namespace);
    if (list(service, "status", "loadBalancer", "ingress").length > 0) return;
    await sleep(300);
  }
}

async function routerHolds(workload: KubernetesApi, router: Router): Promise<Verdict> {
  const deadline = Date.now() + SECONDS * 1000;
  for (;;) {
    const wanted = await expectedPaths(workload, router.order.addresses);
    const own = new Set(wanted.map(({ nextHop }) => nextHop));
    const shared = router.order.clusters.length > 1;
    const found = (await router.paths()).filter(({ nextHop }) => !shared || own.has(nextHop));
    const against = differences(wanted, found);
    if (against.length === 0 || Date.now() > deadline) {
      const prefixes = [...new Set(wanted.map(({ prefix }) => prefix))];
      return {
        statement:
          `router ${router.order.name} (${router.software}) holds exactly ${prefixes.length} prefixes ` +
          `over ${wanted.length} paths: ${prefixes.join(", ")}`,
        against,
      };
    }
    await sleep(500);
  }
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
  const items = async (type: Parameters<KubernetesApi["list"]>[0]) => (await workload.list(type)).items;
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

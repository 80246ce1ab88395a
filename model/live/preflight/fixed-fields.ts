import type { BareMetalHost } from "../../kubernetes/metal3";
import type { Cluster } from "../../kubernetes/cluster-api";
import { apiHost, isInService } from "../../stack/addressing";
import type { Host, Stack } from "../../stack/schema";
import { nodeAddressAnnotation, networkAnnotation, poolLabel } from "../../kubernetes/labels";
import type { Consumer } from "../readiness/host-claim";
import type { ClusterPlan } from "../../plan/plan";
import { changedPaths } from "../differences";
import { type LiveCluster, isOwnedBy, liveConsumer } from "../rollout/live-cluster";
import { isDetached } from "../rollout/server";
import { counted } from "../../text/wording";
import { named } from "../snapshot";
import { type CheckResult, type Problem, judged, notApplicable } from "./check-result";

/** What was decided when the cluster was made stays: a change would be refused halfway, or silently do nothing. */
export function judgeFixedFields(stack: Stack, plan: ClusterPlan, live: LiveCluster): CheckResult {
  const hosts = new Map(live.hosts.map((host) => [host.metadata.name, host]));
  const known = stack.hosts.filter(({ name }) => hosts.has(name)).length;
  const cluster = live.cluster;
  if (cluster === undefined && known === 0) return notApplicable("nothing of this stack exists yet");
  const problems = [
    ...(cluster === undefined || !isOwnedBy(cluster, stack.name) ? [] : networks(stack, cluster)),
    ...stack.hosts.flatMap((host, i) => {
      const found = hosts.get(host.name);
      const planned = named(plan.hosts.hosts, host.name);
      if (found === undefined || planned === undefined || !isOwnedBy(found, stack.name)) return [];
      return [
        ...registered(host, `hosts[${i}]`, found),
        ...inService(host, `hosts[${i}]`, { planned, found }, liveConsumer(found, live, stack)),
      ];
    }),
  ];
  return judged(
    `networks and endpoint of the cluster, ${counted(known, "registered host")}, as they were made`,
    problems,
  );
}

function networks(stack: Stack, cluster: Cluster): readonly Problem[] {
  const { pods, services, serviceDomain } = stack.network;
  const { name, port } = stack.kubernetes.endpoint;
  const { clusterNetwork, controlPlaneEndpoint } = cluster.spec ?? {};
  const live = [
    { at: "network.pods", is: clusterNetwork?.pods?.cidrBlocks, wanted: pods },
    { at: "network.services", is: clusterNetwork?.services?.cidrBlocks, wanted: services },
    { at: "network.serviceDomain", is: clusterNetwork?.serviceDomain, wanted: serviceDomain },
    {
      at: `kubernetes.endpoint.${name === undefined ? "host" : "name"}`,
      is: controlPlaneEndpoint?.host,
      wanted: apiHost(stack),
    },
    { at: "kubernetes.endpoint.port", is: controlPlaneEndpoint?.port, wanted: port },
  ];
  return live
    .filter(({ is, wanted }) => is !== undefined && changedPaths(is, wanted).length > 0)
    .map(({ at, is, wanted }) => ({
      at,
      problem: `${words(wanted)} is ${words(is)} in the running cluster, whose certificates, nodes and Cilium were made with it`,
      fix: `write ${words(is)}; another value needs another cluster`,
    }));
}

/** What the bare metal operator takes once: its webhook refuses a change. */
function registered({ name, mac, bmc }: Host, at: string, found: BareMetalHost): readonly Problem[] {
  const live = found.spec?.bootMACAddress;
  const address = found.spec?.bmc?.address;
  const state = found.status?.provisioning?.state ?? "";
  const movable = ["", "registering", "unmanaged"].includes(state) || isDetached(found);
  return [
    ...(live === undefined || live.toLowerCase() === mac.toLowerCase()
      ? []
      : [
          {
            at: `${at}.mac`,
            problem: `"${mac}" is "${live}" for ${name} as registered, and Metal3 never changes it`,
            fix: "give the server a new host name in the stack file; scale in first if it is in use",
          },
        ]),
    ...(address === undefined || address === bmc.address || movable
      ? []
      : [
          {
            at: `${at}.bmc.address`,
            problem: `"${bmc.address}" is "${address}" for ${name} as registered, and Metal3 changes it only while the host is detached`,
            fix: `kubectl annotate baremetalhost ${name} baremetalhost.metal3.io/detached=, pulumi up, then take the annotation away`,
          },
        ]),
  ];
}

/** The operator's webhook takes it when a host is created, and from an available one (baremetal-operator v0.13 internal/webhooks). */
function adopted(
  { name, externallyProvisioned }: Host,
  at: string,
  found: BareMetalHost,
): readonly Problem[] {
  const state = found.status?.provisioning?.state ?? "";
  if (!externallyProvisioned || found.spec?.externallyProvisioned === true || state === "available")
    return [];
  return [
    {
      at: `${at}.externallyProvisioned`,
      problem: `${name} is ${state === "" ? "not registered yet" : state}, and Metal3 accepts externallyProvisioned: true for a new host, or for one that is available`,
      fix: "wait until npm run metal -- status shows the host as available, then run again",
    },
  ];
}

interface Serving {
  readonly planned: BareMetalHost;
  readonly found: BareMetalHost;
}

/** By what holds the host: hosts/claimed-by-none refuses one of another cluster, where no machine of this one is in the way. */
function inService(
  host: Host,
  at: string,
  both: Serving,
  consumer: Consumer | undefined,
): readonly Problem[] {
  if (consumer?.is === "foreign") return [];
  return consumer === undefined || consumer.is === "absent"
    ? adopted(host, at, both.found)
    : serving(host, at, both);
}

/** What a machine has taken over when it was installed: a change would reach it with its next installation only. */
function serving(host: Host, at: string, { planned, found }: Serving): readonly Problem[] {
  const { name, pool, address } = host;
  const { annotations = {}, labels = {} } = found.metadata;
  const [poolBefore, addressBefore] = [labels[poolLabel], annotations[nodeAddressAnnotation]];
  const release = "take its machine away first (lower the replicas of its pool), then change this";
  const problems: Problem[] = [];
  if (!isInService(host)) {
    const key = host.externallyProvisioned ? "externallyProvisioned" : "online";
    const effect = host.online
      ? "Metal3 would lose track of it"
      : "its server would be switched off under it";
    const problem = `${key}: ${String(host[key])} takes ${name} out of service while a machine of ${pool} runs on it: ${effect}`;
    problems.push({ at: `${at}.${key}`, problem, fix: release });
  }
  if (poolBefore !== undefined && poolBefore !== pool) {
    const problem = `${name} serves ${poolBefore}; with "${pool}" its machine would stay where it is, and count nowhere`;
    problems.push({ at: `${at}.pool`, problem, fix: release });
  }
  if (addressBefore !== undefined && address !== undefined && addressBefore !== address) {
    const problem = `"${address}" is ${addressBefore} on the running node of ${name}, and a node never changes its address`;
    problems.push({ at: `${at}.address`, problem, fix: release });
  }
  const later = laterFields({ planned, found });
  if (later.length > 0) {
    problems.push({
      severity: "warning",
      at,
      problem: `the change of ${later.join(", ")} reaches ${name} only when its machine is next replaced; until then it does nothing`,
      fix: "nothing, if that is meant; npm run metal -- recover machine replaces a machine at once",
    });
  }
  return problems;
}

function laterFields({ planned, found }: Serving): readonly string[] {
  const before = found.metadata.annotations?.[networkAnnotation];
  const after = planned.metadata.annotations?.[networkAnnotation];
  const address = (object: BareMetalHost) => object.metadata.annotations?.[nodeAddressAnnotation];
  const sameAddress = address(found) === address(planned);
  return [
    ...(before !== undefined && before !== after && sameAddress ? ["its network"] : []),
    ...(["rootDeviceHints", "bootMode"] as const).filter(
      (key) => changedPaths(found.spec?.[key], planned.spec?.[key]).length > 0,
    ),
  ];
}

function words(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : `"${String(value)}"`;
}

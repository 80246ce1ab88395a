import type { MachineSet } from "../../kubernetes/cluster-api";
import { type Snapshot, inManagement, inWorkload, named } from "../snapshot";
import { controlPlanePool } from "../../kubernetes/labels";
import { bindingEntries, unapplied } from "../readiness/cluster-assessment";
import { condition, conditionIs } from "../../kubernetes/condition";
import type { HostState } from "../readiness/host-state";
import { poolText } from "../../plan/machines";
import type { ClusterReadinessPlan, ExpectedPool } from "../../plan/readiness";
import { wantedOf } from "../readiness/machine-assessment";
import { duration } from "../../text/wording";
import { serverItems } from "./servers";
import { restlessConditions, wordsOf, type Item, type Mark, since, worst } from "./item";
import { hostPort } from "../../net/addresses";
import { greatest, least } from "../../text/numbers";

const day = 86_400_000;
/** Cluster API renews the kubeconfig half a year before its end; one that comes this near was not renewed. */
const credentialWarning = 60 * day;

/** The workload cluster's API server at its endpoint, and when the ways to it end. */
export function endpointItem(plan: ClusterReadinessPlan, { management, workload }: Snapshot): Item {
  const name = `API ${hostPort(plan.endpoint)}`;
  // The way there is a kubeconfig that the management cluster keeps.
  if (management.trouble !== undefined) {
    return { kind: "endpoint", name, mark: "unknown", text: "not queried" };
  }
  return {
    kind: "endpoint",
    name,
    mark: workload.trouble === undefined ? "good" : workload.kubeconfig === false ? "busy" : "bad",
    text: workload.trouble?.message ?? "answers",
  };
}

/** The Cluster object and what its conditions complain about. */
export function clusterItem(plan: ClusterReadinessPlan, snapshot: Snapshot): Item {
  const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
  const available = condition(cluster, "Available");
  const paused = cluster?.spec?.paused === true;
  const words = available === undefined ? "no condition Available yet" : wordsOf(available);
  const leaving = cluster?.metadata.deletionTimestamp;
  return {
    kind: "cluster",
    name: "Cluster",
    mark:
      cluster === undefined ? "bad" : paused || leaving !== undefined ? "busy" : markOf(available?.status),
    text: [
      ...(cluster === undefined
        ? ["no Cluster object"]
        : [available?.status === "True" ? "Available" : `not Available: ${words}`]),
      ...(paused ? ["paused"] : []),
      ...(leaving === undefined ? [] : ["being deleted"]),
    ].join(", "),
    ...since(leaving ?? available?.lastTransitionTime),
    children: restlessConditions(cluster).filter(({ name }) => name !== "Available"),
  };
}

function markOf(status: string | undefined): Mark {
  return status === "True" ? "good" : status === "False" ? "bad" : "unknown";
}

/** The control plane: replicas, etcd, servers. */
export function controlPlaneItem(
  plan: ClusterReadinessPlan,
  hosts: readonly HostState[],
  snapshot: Snapshot,
): Item {
  const object = named(inManagement(snapshot, "controlPlanes"), plan.cluster);
  const wanted = plan.controlPlane.replicas;
  const ready = object?.status?.readyReplicas ?? 0;
  const etcd = condition(object, "EtcdClusterHealthy");
  const conditions = restlessConditions(object);
  const servers = serverItems(controlPlanePool, hosts, snapshot);
  return {
    kind: "control-plane",
    name: "Control plane",
    mark:
      ready === wanted && conditions.length === 0
        ? "good"
        : worst([...conditions, ...servers].map(markOfItem)),
    text: [
      `${ready}/${wanted} ready`,
      ...upToDate(object, wanted),
      ...(etcd === undefined ? [] : [`etcd ${etcd.status === "True" ? "healthy" : "NOT HEALTHY"}`]),
    ].join(", "),
    children: [...conditions, ...servers],
  };
}

const markOfItem = ({ mark }: Item): Mark => mark;

function upToDate(object: MachineSet | undefined, wanted: number): readonly string[] {
  const current = object?.status?.upToDateReplicas;
  return current === undefined || current === wanted ? [] : [`${current} up to date`];
}

/** One item for each pool of workers. */
export function poolItems(
  plan: ClusterReadinessPlan,
  hosts: readonly HostState[],
  snapshot: Snapshot,
): readonly Item[] {
  return plan.workerPools.map((pool) => {
    const object = named(inManagement(snapshot, "machineDeployments"), pool.machineDeployment);
    const ready = object?.status?.readyReplicas ?? 0;
    const conditions = restlessConditions(object);
    const servers = serverItems(pool.name, hosts, snapshot, pool.failureDomain);
    const wanted = wantedOf(pool, snapshot);
    const settled = ready === wanted && conditions.length === 0;
    return {
      kind: "pool",
      name: `Workers ${poolText(pool.name, pool.failureDomain)}`,
      mark: settled ? "good" : worst([...conditions, ...servers].map(markOfItem)),
      text: [`${ready}/${wanted} ready`, ...upToDate(object, wanted), ...bounds(pool)].join(", "),
      children: [...conditions, ...servers],
    };
  });
}

/** Between which numbers an autoscaler decides. */
function bounds({ replicas, most }: ExpectedPool): readonly string[] {
  return most === undefined ? [] : [`autoscaled ${replicas} to ${most}`];
}

/** Nodes that no host of the stack accounts for. */
export function strayNodes(hosts: readonly HostState[], snapshot: Snapshot): readonly Item[] {
  const known = new Set(hosts.map(({ node }) => node?.metadata.name));
  return inWorkload(snapshot, "nodes")
    .filter(({ metadata }) => !known.has(metadata.name))
    .map((node) => ({
      kind: "node",
      name: `Node ${node.metadata.name}`,
      mark: conditionIs(node, "Ready", "True") ? "unknown" : "bad",
      text: "belongs to no host of the stack",
      ...since(node.metadata.creationTimestamp),
    }));
}

/** What the resource set has brought to the cluster. */
export function resourceSetItem(plan: ClusterReadinessPlan, snapshot: Snapshot): Item {
  const missing = unapplied(plan, snapshot);
  const total = plan.resourceSet.resources.length;
  const says = condition(
    named(inManagement(snapshot, "resourceSets"), plan.resourceSet.name),
    "ResourcesApplied",
  );
  const times = bindingEntries(plan, snapshot)
    .map((entry) => Date.parse(entry.lastAppliedTime ?? ""))
    .filter((time) => !Number.isNaN(time));
  return {
    kind: "resource-set",
    name: `Resource set ${plan.resourceSet.name}`,
    mark: missing.length === 0 ? "good" : "busy",
    text: [
      `${total - missing.length}/${total} applied`,
      ...missing.map((name) => `${name} is not`),
      ...(missing.length === 0 || says === undefined ? [] : [wordsOf(says)]),
    ].join(", "),
    ...(times.length === 0 ? since(says?.lastTransitionTime) : { since: greatest(times) }),
  };
}

/** When the certificates end: the kubeconfig's, the authority's, those of the control plane's machines. */
export function credentialsItem(snapshot: Snapshot, now: number): Item {
  const machines = inManagement(snapshot, "machines").map(
    ({ metadata, ...machine }) =>
      [`machine ${metadata.name}`, Date.parse(machine.status?.certificatesExpiryDate ?? "")] as const,
  );
  const known = [
    ...snapshot.workload.credentials.map(({ name, notAfter }) => [name, notAfter] as const),
    ...machines.filter(([, end]) => !Number.isNaN(end)),
  ];
  const ends = known.map(([name, end]): Item => ({
    kind: "certificate",
    name,
    mark: end - now < credentialWarning ? "bad" : "good",
    text: end < now ? `ended ${duration(now - end)} ago` : `ends in ${duration(end - now)}`,
  }));
  const kubeconfig = ends.find(({ name }) => name === "kubeconfig");
  const first = least(known.map(([, end]) => end));
  return {
    kind: "credentials",
    name: "Certificates",
    mark: known.length === 0 ? "unknown" : worst(ends.map(markOfItem)),
    text:
      known.length === 0
        ? "none could be read"
        : [
            ...(kubeconfig === undefined ? [] : [`kubeconfig ${kubeconfig.text}`]),
            `the first of ${known.length} ${first < now ? "has ended" : `ends in ${duration(first - now)}`}`,
          ].join(", "),
    children: ends.filter(({ mark }) => mark !== "good"),
  };
}

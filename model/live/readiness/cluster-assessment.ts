import type { AppliedResource, Cluster } from "../../kubernetes/cluster-api";
import type { Assessment, Milestone, Missing, Status } from "./assessment";
import { condition, conditionIs, isCurrent, isObserved } from "../../kubernetes/condition";
import {
  type Part,
  assessControlPlane,
  assessMachines,
  counts,
  isInitialised,
  leavingMachines,
  outdatedText,
  wantedMachines,
  wantedOf,
} from "./machine-assessment";
import { type HostState, hostStates } from "./host-state";
import { type Snapshot, endpointOf, inManagement, inWorkload, named } from "../snapshot";
import { defined } from "../../kubernetes/object";
import { poolText } from "../../plan/machines";
import type { ClusterReadinessPlan } from "../../plan/readiness";
import { assessWorkloads } from "./workload";
import { hostPort } from "../../net/addresses";
import { greatest } from "../../text/numbers";

/** Hosts, control plane, resource set, nodes, workloads, Cluster, endpoint: what holds and what is missing, in that order. */
export function assessCluster(plan: ClusterReadinessPlan, snapshot: Snapshot, now: number): Assessment {
  const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
  const steps = [
    assessHosts(plan, snapshot),
    assessMachines(plan, snapshot),
    assessControlPlane(plan, snapshot),
    assessResourceSet(plan, snapshot),
    assessNodes(plan, snapshot),
    assessWorkloads(plan.workloads, snapshot, plan.cluster),
    assessDefinitions(plan, snapshot),
    assessPools(plan, snapshot),
    assessAvailable(plan, cluster, snapshot),
    assessEndpoint(plan, snapshot, now),
  ];
  return {
    statuses: steps.flatMap((step) => step.statuses),
    missing: steps.flatMap((step) => step.missing),
    milestones: milestones(plan, snapshot, cluster, now),
  };
}

/** Every planned host that has not become a ready node, spares apart. */
export function assessHosts(plan: ClusterReadinessPlan, snapshot: Snapshot): Part {
  const hosts = hostStates(plan, snapshot);
  const listed = snapshot.management.parts.hosts.objects !== undefined;
  const statuses = (listed ? hosts : []).flatMap((host): Status[] => [
    { key: `host/${host.name}`, who: host.name, phase: host.phase, text: host.text },
    ...(host.error === undefined
      ? []
      : [
          {
            key: `host/${host.name}/error`,
            who: host.name,
            phase: "error",
            text: `${host.error.type} (${host.error.count}x): ${host.error.message}`,
            gone: "the error is gone",
          },
        ]),
  ]);
  const missing = hosts
    .filter((host) => host.phase !== "ready" && !isSpare(plan, host, hosts, snapshot))
    .map((host) => ({ who: host.name, what: `${host.phase}: ${host.text}`, ...causeOfHost(host) }));
  return { statuses, missing };
}

/** A spare server: it is available, and the pool has its machines on other servers. */
function isSpare(
  plan: ClusterReadinessPlan,
  host: HostState,
  hosts: readonly HostState[],
  snapshot: Snapshot,
): boolean {
  if (host.claimed || host.phase !== "available") return false;
  const isPeer = (other: Pick<HostState, "pool" | "failureDomain">) =>
    other.pool === host.pool && other.failureDomain === host.failureDomain;
  const needed =
    host.pool === "control-plane"
      ? plan.controlPlane.replicas
      : plan.workerPools
          .filter(({ name, failureDomain }) => isPeer({ pool: name, ...defined({ failureDomain }) }))
          .reduce((sum, pool) => sum + wantedOf(pool, snapshot), 0);
  return (
    hosts.filter((other) => isPeer(other) && other.claimed && other.foreign === undefined).length >= needed
  );
}

function causeOfHost(host: HostState): { cause?: string } {
  if (host.error !== undefined) return { cause: `${host.error.type}: ${host.error.message}` };
  const ready = condition(host.node, "Ready");
  if (host.phase === "join" && ready !== undefined) return { cause: ready.message || ready.reason };
  const machine = condition(host.machine, "Ready");
  return machine?.status === "False" && machine.message !== "" ? { cause: machine.message } : {};
}

function assessPools(plan: ClusterReadinessPlan, snapshot: Snapshot): Part {
  const pools = plan.workerPools.map((pool) => {
    const deployment = named(inManagement(snapshot, "machineDeployments"), pool.machineDeployment);
    const ready = deployment?.status?.readyReplicas ?? 0;
    const wanted = wantedOf(pool, snapshot);
    const settled = deployment !== undefined && isObserved(deployment) && counts(deployment, wanted);
    const cause = condition(deployment, "Available");
    const outdated = outdatedText(deployment, wanted);
    const name = poolText(pool.name, pool.failureDomain);
    return { name, ready, wanted, settled, listed: deployment !== undefined, cause, outdated };
  });
  return {
    statuses: pools
      .filter((entry) => entry.listed)
      .map(({ name, ready, wanted, outdated }) => ({
        key: `pool/${name}`,
        who: plan.cluster,
        phase: "workers",
        text: `pool ${name}: ${ready}/${wanted} workers ready${outdated}`,
      })),
    missing: pools
      .filter((entry) => !entry.settled)
      .map(({ name, ready, wanted, cause, outdated }) => ({
        who: plan.cluster,
        what: `pool ${name}: ${wanted} workers ready and up to date (${ready} ready${outdated})`,
        ...(cause?.status === "False" ? { cause: cause.message } : {}),
      })),
  };
}

/** Names (`ConfigMap/x`) of the resource set's payloads that the binding does not call applied. */
export function unapplied(plan: ClusterReadinessPlan, snapshot: Snapshot): readonly string[] {
  const entries = bindingEntries(plan, snapshot);
  return plan.resourceSet.resources
    .filter(
      (wanted) =>
        !entries.some(
          (entry) => entry.kind === wanted.kind && entry.name === wanted.name && entry.applied === true,
        ),
    )
    .map((wanted) => `${wanted.kind}/${wanted.name}`);
}

/** The binding's entries for our resource set. */
export function bindingEntries(plan: ClusterReadinessPlan, snapshot: Snapshot): readonly AppliedResource[] {
  const binding = named(inManagement(snapshot, "bindings"), plan.cluster);
  return (binding?.spec?.bindings ?? [])
    .filter((entry) => entry.clusterResourceSetName === plan.resourceSet.name)
    .flatMap((entry) => entry.resources ?? []);
}

function assessResourceSet(plan: ClusterReadinessPlan, snapshot: Snapshot): Part {
  const missing = unapplied(plan, snapshot);
  const total = plan.resourceSet.resources.length;
  const applied = total - missing.length;
  const says = condition(
    named(inManagement(snapshot, "resourceSets"), plan.resourceSet.name),
    "ResourcesApplied",
  );
  return {
    statuses:
      applied === 0
        ? []
        : [
            {
              key: "resource-set",
              who: plan.cluster,
              phase: "resources",
              text: `resource set ${plan.resourceSet.name}: ${applied}/${total} applied`,
            },
          ],
    missing: missing.map((name) => ({
      who: plan.cluster,
      what: `${name} applied by resource set ${plan.resourceSet.name}`,
      ...(says?.status === "False" ? { cause: `${says.reason}: ${says.message}` } : {}),
    })),
  };
}

function assessNodes(plan: ClusterReadinessPlan, snapshot: Snapshot): Part {
  const wanted = wantedMachines(plan, snapshot);
  const nodes = inWorkload(snapshot, "nodes");
  const waiting = nodes.filter((node) => !conditionIs(node, "Ready", "True"));
  const ready = nodes.length - waiting.length;
  return {
    statuses:
      nodes.length === 0
        ? []
        : [{ key: "nodes", who: plan.cluster, phase: "nodes", text: `${ready}/${wanted} nodes Ready` }],
    missing: [
      ...(nodes.length < wanted
        ? [{ who: plan.cluster, what: `${wanted} nodes in the cluster (${nodes.length} so far)` }]
        : []),
      ...waiting.map((node) => ({
        who: node.metadata.name,
        what: "node Ready",
        cause: condition(node, "Ready")?.message ?? "the kubelet has not reported yet",
      })),
    ],
  };
}

function assessDefinitions(plan: ClusterReadinessPlan, snapshot: Snapshot): Part {
  const definitions = inWorkload(snapshot, "customResourceDefinitions");
  const missing = plan.customResourceDefinitions.filter(
    (name) => !conditionIs(named(definitions, name), "Established", "True"),
  );
  const total = plan.customResourceDefinitions.length;
  return {
    statuses:
      total === missing.length
        ? []
        : [
            {
              key: "definitions",
              who: plan.cluster,
              phase: "cilium",
              text: `${total - missing.length}/${total} of Cilium's kinds served`,
            },
          ],
    missing: missing.map((name) => ({ who: plan.cluster, what: `CustomResourceDefinition ${name}` })),
  };
}

/** `Available` of the present generation, and the numbers: it is True with one of three control planes. */
function assessAvailable(plan: ClusterReadinessPlan, cluster: Cluster | undefined, snapshot: Snapshot): Part {
  const available = condition(cluster, "Available");
  const missing: Missing[] = [];
  const gap = (what: string, cause?: string) =>
    missing.push({ who: plan.cluster, what, ...(cause === undefined || cause === "" ? {} : { cause }) });
  if (cluster === undefined) gap("Cluster object");
  else {
    if (available?.status !== "True") gap("Cluster Available", available?.message);
    else if ((available.observedGeneration ?? -1) < (cluster.metadata.generation ?? 0))
      gap("Cluster Available for the present generation");
    const workers = wantedMachines(plan, snapshot) - plan.controlPlane.replicas;
    for (const [part, wanted, further] of [
      ["controlPlane", plan.controlPlane.replicas, 0],
      ["workers", workers, leavingMachines(plan, snapshot)],
    ] as const) {
      for (const name of ["readyReplicas", "upToDateReplicas", "desiredReplicas"] as const) {
        const found = cluster.status?.[part]?.[name] ?? 0;
        if (found < wanted || found > wanted + further)
          gap(`Cluster ${part}.${name} ${wanted} (${found} so far)`);
      }
    }
    const rolling = condition(cluster, "RollingOut");
    if (rolling?.status !== "False" || !isCurrent(cluster, rolling))
      gap("Cluster RollingOut False", rolling?.message);
  }
  const statuses: readonly Status[] =
    available === undefined
      ? []
      : [
          {
            key: "available",
            who: plan.cluster,
            phase: "cluster",
            text: available.status === "True" ? "Cluster is Available" : "Cluster is not Available yet",
          },
        ];
  return { statuses, missing };
}

function isSteady(plan: ClusterReadinessPlan, snapshot: Snapshot, now: number): boolean {
  const since = endpointOf(snapshot).steadySince;
  return since !== undefined && now - since >= plan.steadySeconds * 1000;
}

function assessEndpoint(plan: ClusterReadinessPlan, snapshot: Snapshot, now: number): Part {
  const { steadySince, lastError } = endpointOf(snapshot);
  const name = `https://${hostPort(plan.endpoint)}`;
  return {
    statuses:
      steadySince === undefined
        ? []
        : [
            {
              key: "endpoint",
              who: plan.cluster,
              phase: "endpoint",
              text: `${name} answers`,
              gone: `${name} stopped answering`,
            },
          ],
    missing: isSteady(plan, snapshot, now)
      ? []
      : [
          {
            who: plan.cluster,
            what: `endpoint ${name} answering for ${plan.steadySeconds} s`,
            ...(lastError === undefined ? {} : { cause: lastError }),
          },
        ],
  };
}

function milestones(
  plan: ClusterReadinessPlan,
  snapshot: Snapshot,
  cluster: Cluster | undefined,
  now: number,
): readonly Milestone[] {
  const initialised = condition(cluster, "ControlPlaneInitialized");
  const applied = unapplied(plan, snapshot).length === 0;
  const appliedTimes = bindingEntries(plan, snapshot).map((entry) => Date.parse(entry.lastAppliedTime ?? ""));
  const appliedAt = appliedTimes.length === 0 ? NaN : greatest(appliedTimes);
  const initialisedAt = Date.parse(initialised?.lastTransitionTime ?? "");
  const rolled = assessWorkloads(plan.workloads, snapshot, plan.cluster).missing.length === 0;
  return [
    {
      phase: "control-plane",
      started: cluster !== undefined,
      done: isInitialised(cluster),
      ...(Number.isNaN(initialisedAt) ? {} : { doneAt: initialisedAt }),
    },
    {
      phase: "resource-set",
      started: snapshot.workload.reached,
      done: applied,
      ...(Number.isNaN(appliedAt) ? {} : { doneAt: appliedAt }),
    },
    { phase: "cilium", started: applied, done: applied && rolled },
    {
      phase: "endpoint",
      started: endpointOf(snapshot).steadySince !== undefined,
      done: isSteady(plan, snapshot, now),
    },
  ];
}

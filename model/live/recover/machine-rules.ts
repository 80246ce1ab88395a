import type { BareMetalHost } from "../../kubernetes/metal3";
import { type Snapshot, inManagement, named, inWorkload } from "../snapshot";
import { clusterLabel, poolLabel, controlPlanePool } from "../../kubernetes/labels";
import { holderOf, keptForOtherPool, unhealthyMarks, claimOf } from "../readiness/host-claim";
import { hostError } from "../readiness/host-state";
import { isDetached } from "../rollout/server";
import type { RecoverRule, Situation } from "./rule";
import type { Machine } from "../../kubernetes/cluster-api";
import type { Node } from "../../kubernetes/core";
import { defined } from "../../kubernetes/object";
import { machinePool } from "../../plan/machines";
import { condition, conditionIs } from "../../kubernetes/condition";

/** One machine with everything that was found to belong to it. */
export interface MachineState {
  readonly name: string;
  readonly machine: Machine;
  /** `control-plane`, or the worker pool's name; empty when the machine does not say it. */
  readonly pool: string;
  readonly host?: BareMetalHost;
  readonly node?: Node;
  readonly deleting: boolean;
  /** What keeps it from serving, in the words of its source; undefined when nothing does. */
  readonly trouble?: string;
}

/** What Cluster API watches on a control plane machine beside its node. */
const controlPlaneParts = ["APIServerPodHealthy", "EtcdPodHealthy", "EtcdMemberHealthy"];

/** Every machine of the cluster, by name. */
export function machineStates(snapshot: Snapshot): readonly MachineState[] {
  return inManagement(snapshot, "machines")
    .map((machine) => machineState(snapshot, machine))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a machine runs the API server and a member of etcd. */
function isControlPlane({ pool }: MachineState): boolean {
  return pool === controlPlanePool;
}

function machineState(snapshot: Snapshot, machine: Machine): MachineState {
  const host = hostOf(snapshot, machine);
  const node = named(inWorkload(snapshot, "nodes"), machine.status?.nodeRef?.name);
  const deleting = machine.metadata.deletionTimestamp !== undefined;
  const pool = machinePool(machine) ?? host?.metadata.labels?.[poolLabel] ?? "";
  const trouble = deleting ? "is being deleted" : troubleOf(machine, pool, host, node);
  return {
    name: machine.metadata.name,
    machine,
    pool,
    deleting,
    ...defined({ host, node, trouble }),
  };
}

function hostOf(snapshot: Snapshot, machine: Machine): BareMetalHost | undefined {
  const name = machine.spec?.infrastructureRef?.name;
  return inManagement(snapshot, "hosts").find((host) => {
    const claim = claimOf(host);
    return claim?.by === "machine" && claim.name === name && claim.namespace === snapshot.namespace;
  });
}

function troubleOf(
  machine: Machine,
  pool: string,
  host: BareMetalHost | undefined,
  node: Node | undefined,
): string | undefined {
  const error = hostError(host);
  if (error !== undefined) return `host ${host?.metadata.name ?? ""}: ${error.type}: ${error.message}`;
  if (machine.status?.nodeRef?.name === undefined) {
    return host === undefined ? "has no host" : `has no node; host ${host.metadata.name} is ${stateOf(host)}`;
  }
  if (node === undefined) return "its node is not in the cluster";
  if (!conditionIs(node, "Ready", "True")) {
    const ready = condition(node, "Ready");
    return `node ${node.metadata.name} is not Ready: ${ready?.message ?? "it says nothing"}`;
  }
  if (pool !== controlPlanePool) return undefined;
  const broken = controlPlaneParts.find((type) => (condition(machine, type)?.status ?? "True") !== "True");
  return broken === undefined ? undefined : `${broken}: ${condition(machine, broken)?.message ?? ""}`;
}

/** A host's provisioning state, `provisioned`. */
export function stateOf(host: BareMetalHost): string {
  return host.status?.provisioning?.state ?? "of unknown state";
}

type MachineRule = RecoverRule<MachineState>;

const others = (subject: MachineState, { snapshot }: Situation): readonly MachineState[] =>
  machineStates(snapshot).filter(({ name }) => name !== subject.name);

const clusterRunning: MachineRule = {
  id: "recover/cluster-reconciled",
  summary: "Cluster API reconciles the cluster.",
  why: "machines of a cluster that is paused or being deleted are not replaced",
  judge: (_subject, { plan, snapshot }) => {
    const cluster = named(inManagement(snapshot, "clusters"), plan.name);
    const at = `Cluster/${plan.name}`;
    if (cluster === undefined) {
      return [{ at, problem: "the Cluster is not there", fix: "pulumi up makes it" }];
    }
    if (cluster.metadata.deletionTimestamp !== undefined) {
      return [{ at, problem: "the Cluster is being deleted", fix: "wait until it is gone" }];
    }
    const paused = (cluster["spec"] as { readonly paused?: boolean } | undefined)?.paused === true;
    return paused
      ? [
          {
            at,
            problem: "the Cluster is paused",
            fix: "take spec.paused away once the reason for it is gone",
          },
        ]
      : [];
  },
};

const apiAnswers: MachineRule = {
  id: "recover/api-answers",
  summary: "The cluster's API server answers.",
  why: "without the API server it is unknown what still works, and no replacement could join",
  judge: (_subject, { plan, snapshot }) => {
    const { trouble, parts } = snapshot.workload;
    const why = trouble?.message ?? parts.nodes.unread?.why;
    return why === undefined
      ? []
      : [
          {
            at: `Cluster/${plan.name}`,
            problem: why,
            fix: `find out why first: npm run metal -- diagnose --stack ${plan.name}`,
          },
        ];
  },
};

const needsIt: MachineRule = {
  id: "recover/machine-broken",
  summary: "The machine does not work.",
  why: "a recovery wipes the machine's disks, which a working machine does not need",
  judge: ({ name, trouble }) =>
    trouble === undefined
      ? [
          {
            at: `Machine/${name}`,
            problem: "it works: its node is Ready and its host has no error",
            fix: "nothing to recover; to move work away drain the node, to renew the machine roll its pool out",
          },
        ]
      : [],
};

const oneAtATime: MachineRule = {
  id: "recover/one-at-a-time",
  summary: "No other machine is being replaced.",
  why: "two missing machines at once may be more than the cluster can tolerate",
  judge: (subject, situation) =>
    others(subject, situation)
      .filter(({ deleting }) => deleting)
      .map(({ name }) => ({
        at: `Machine/${name}`,
        problem: "another machine is being replaced",
        fix: `follow it to its end first: npm run metal -- recover machine ${name}`,
      })),
};

const restHealthy: MachineRule = {
  id: "recover/rest-healthy",
  summary: "The other machines are healthy.",
  why: "several unhealthy machines usually share a root cause; a replacement would hit it again",
  judge: (subject, situation) =>
    others(subject, situation)
      .filter(({ deleting, trouble }) => !deleting && trouble !== undefined)
      .map(({ name, trouble }) => ({
        at: `Machine/${name}`,
        problem: `another machine is not healthy: ${trouble ?? ""}`,
        fix: `npm run metal -- diagnose --stack ${situation.plan.name}; the machine that can join soonest comes first`,
      })),
};

const quorumKept: MachineRule = {
  id: "recover/quorum-kept",
  summary: "etcd keeps its quorum without the machine.",
  why: "etcd writes only while more than half of its members answer, and its data is lost with the last one",
  judge: (subject, situation) => {
    if (!isControlPlane(subject)) return [];
    const rest = others(subject, situation).filter(isControlPlane);
    const at = `Machine/${subject.name}`;
    if (rest.length === 0) {
      return [
        {
          at,
          problem: "it is the only control plane machine, and etcd's data is on it alone",
          fix: "repair the server itself, or restore etcd from a snapshot",
        },
      ];
    }
    const members = rest.length + 1;
    const needed = Math.floor(members / 2) + 1;
    const healthy = rest.filter(({ trouble }) => trouble === undefined).length;
    return healthy >= needed
      ? []
      : [
          {
            at,
            problem: `without it ${healthy} of ${members} control plane machines would be healthy, and etcd needs ${needed}`,
            fix: "bring another control plane machine back first",
          },
        ];
  },
};

const hostFollows: MachineRule = {
  id: "recover/host-follows",
  summary: "A host is available for the replacement.",
  why: "the replacement would wait for a host indefinitely, and the pool would be one machine smaller",
  judge: ({ name, host, pool }, { plan, snapshot }) => {
    const obstacle = host === undefined ? undefined : whyNotAgain(host);
    if (host !== undefined && obstacle === undefined) return [];
    const spare = inManagement(snapshot, "hosts").some(
      (other) => other !== host && canTake(other, pool, plan.name),
    );
    if (spare) return [];
    const none = `no other host of pool "${pool}" is available`;
    const problem =
      host === undefined
        ? `it has no host, and no host of pool "${pool}" is available`
        : `its host ${host.metadata.name} cannot be wiped and used again (${obstacle ?? ""}), and ${none}`;
    const isMarked = unhealthyMarks(host).length > 0;
    return [
      {
        at: `Machine/${name}`,
        problem,
        fix: isMarked
          ? `repair the server, then npm run metal -- recover host ${host?.metadata.name ?? ""}, then this command again; or add a host to the stack file and run pulumi up`
          : "repair the host, or add one to the stack file and run pulumi up",
      },
    ];
  },
};

/** Why Metal3 would not place the replacement on the machine's own host; undefined when it would. */
function whyNotAgain(host: BareMetalHost): string | undefined {
  const error = hostError(host);
  if (error !== undefined) return error.message;
  if (isDetached(host)) return "it is detached";
  if (host.metadata.annotations?.["baremetalhost.metal3.io/paused"] !== undefined) return "it is paused";
  return unhealthyMarks(host).length > 0 ? "it is marked unhealthy" : undefined;
}

/** Whether Metal3 would choose a host for the next machine of a pool. */
function canTake(host: BareMetalHost, pool: string, cluster: string): boolean {
  const { labels = {}, deletionTimestamp } = host.metadata;
  return (
    labels[poolLabel] === pool &&
    labels[clusterLabel] === cluster &&
    deletionTimestamp === undefined &&
    holderOf(host, cluster) === undefined &&
    keptForOtherPool(host, cluster, pool) === undefined &&
    whyNotAgain(host) === undefined &&
    ["available", "ready"].includes(stateOf(host))
  );
}

/** What must hold before a machine is replaced, in the order of the report. */
export const machineRules: readonly MachineRule[] = [
  clusterRunning,
  apiAnswers,
  needsIt,
  oneAtATime,
  restHealthy,
  quorumKept,
  hostFollows,
];

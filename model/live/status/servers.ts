import type { Machine } from "../../kubernetes/cluster-api";
import type { Node } from "../../kubernetes/core";
import type { HostStep, Metal3Machine } from "../../kubernetes/metal3";
import { clusterLabel, failureDomainLabel, poolLabel } from "../../kubernetes/labels";
import { condition } from "../../kubernetes/condition";
import { defined } from "../../kubernetes/object";
import { type HostState, hostStates } from "../readiness/host-state";
import { isDetached } from "../rollout/server";
import { type Snapshot, inManagement } from "../snapshot";
import { type Item, type Mark, since, wordsOf } from "./item";
import { machinePool } from "../../plan/machines";
import type { ClusterReadinessPlan } from "../../plan/readiness";
import { counted } from "../../text/wording";
import { plainText } from "../../redaction/shown";
import { nodeReuseLabel } from "../readiness/host-claim";

/** A pool's servers, and its machines that have none yet; of one failure domain, where the pool is spread over several. */
export function serverItems(
  pool: string,
  hosts: readonly HostState[],
  snapshot: Snapshot,
  failureDomain?: string,
): readonly Item[] {
  const machines = inManagement(snapshot, "machines");
  const taken = new Set(hosts.map((host) => host.machine?.metadata.name));
  return [
    ...hosts
      .filter((host) => host.pool === pool && host.failureDomain === failureDomain)
      .map((host) => hostItem(host, snapshot)),
    ...machines
      .filter((machine) => (machinePool(machine) ?? "") === pool && !taken.has(machine.metadata.name))
      .filter(({ metadata }) => metadata.labels?.[failureDomainLabel] === failureDomain)
      .map((machine) => machineItem(partsOf(machine, undefined, snapshot))),
  ];
}

/** The hosts that the stack keeps out of service, for which nothing waits; nothing where there is none. */
export function outOfServiceItems(plan: ClusterReadinessPlan, snapshot: Snapshot): readonly Item[] {
  const hosts = inManagement(snapshot, "hosts").flatMap(
    ({ metadata: { name, labels = {}, annotations = {} } }) => {
      const pool = annotations[poolLabel];
      return labels[clusterLabel] === plan.cluster && labels[poolLabel] === undefined && pool !== undefined
        ? [{ name, pool }]
        : [];
    },
  );
  if (hosts.length === 0) return [];
  const children = hostStates({ ...plan, hosts }, snapshot).map((host): Item => {
    const item = hostItem(host, snapshot);
    return {
      ...item,
      mark: item.mark === "bad" ? "bad" : "idle",
      text: `${item.text}, of pool ${host.pool}`,
    };
  });
  return [
    {
      kind: "out-of-service",
      name: "Out of service",
      mark: children.some(({ mark }) => mark === "bad") ? "bad" : "idle",
      text: counted(hosts.length, "host"),
      children,
    },
  ];
}

function partsOf(machine: Machine, host: HostState | undefined, snapshot: Snapshot): MachineParts {
  const name = machine.spec?.infrastructureRef?.name ?? machine.metadata.name;
  const metal3Machine = inManagement(snapshot, "metal3Machines").find(
    ({ metadata }) =>
      metadata.name === name ||
      metadata.ownerReferences?.some((owner) => owner.name === machine.metadata.name),
  );
  return {
    machine,
    ...defined({ metal3Machine, host }),
  };
}

function hostItem(host: HostState, snapshot: Snapshot): Item {
  const { machine, error, node } = host;
  const parts = machine === undefined ? undefined : partsOf(machine, host, snapshot);
  return {
    kind: "host",
    name: host.name,
    mark: markOf(host),
    text: [stateOf(host), powerOf(host), ...nodeWords(node)].join(", "),
    ...sinceOf(host),
    children: [
      ...(error === undefined ? [] : [errorItem(host, error)]),
      ...(parts === undefined ||
      (waitsFor(parts) === undefined && machine?.metadata.deletionTimestamp === undefined)
        ? []
        : [machineItem(parts)]),
    ],
  };
}

function stateOf({ host, phase, foreign }: HostState): string {
  if (host === undefined) return "no BareMetalHost";
  const state = host.status?.provisioning?.state ?? "";
  const marks = [
    ...(host.metadata.deletionTimestamp === undefined ? [] : ["being deleted"]),
    ...(isDetached(host) ? ["detached"] : []),
    ...(foreign === undefined ? [] : [`claimed by ${foreign}`]),
    ...(host.metadata.labels?.[nodeReuseLabel] === undefined
      ? []
      : ["kept for the next machine of its pool"]),
    ...("baremetalhost.metal3.io/paused" in (host.metadata.annotations ?? {}) ? ["paused"] : []),
  ];
  return [state === "" ? phase : state, ...marks].join(", ");
}

function powerOf({ host }: HostState): string {
  const on = host?.status?.poweredOn;
  return on === true ? "on" : on === false ? "off" : "power unknown";
}

function nodeWords(node: Node | undefined): readonly string[] {
  if (node === undefined) return [];
  const ready = condition(node, "Ready")?.status === "True";
  return [`node ${node.metadata.name} ${ready ? "Ready" : "NOT READY"}`];
}

function markOf({ phase, error, claimed, host }: HostState): Mark {
  if (error !== undefined || phase === "absent") return "bad";
  if (host?.metadata.deletionTimestamp !== undefined) return "busy";
  if (phase === "ready") return "good";
  return phase === "available" && !claimed ? "idle" : "busy";
}

/** When the phase began: the operator's own history, the node's birth, the node's last change. */
function sinceOf({ phase, host, node }: HostState): { readonly since?: number } {
  const history = (step: HostStep, edge: "start" | "end") =>
    since(host?.status?.operationHistory?.[step]?.[edge]);
  switch (phase) {
    case "register":
      return history("register", "start");
    case "inspect":
      return history("inspect", "start");
    case "available":
      return history("inspect", "end");
    case "provision":
      return history("provision", "start");
    case "deprovision":
      return history("deprovision", "start");
    case "boot":
      return history("provision", "end");
    case "join":
      return since(node?.metadata.creationTimestamp);
    case "ready":
      return since(condition(node, "Ready")?.lastTransitionTime);
    default:
      return {};
  }
}

function errorItem(host: HostState, { type, count, message }: NonNullable<HostState["error"]>): Item {
  // Ready turns False with the error only on a host that was provisioned; Healthy speaks of the hardware.
  const ready = condition(host.host, "Ready");
  const changed = stateOf(host).startsWith("provisioned") ? ready : undefined;
  return {
    kind: "error",
    name: type,
    mark: "bad",
    text: `${plainText(message)} (${count} times)`,
    ...(changed?.status === "False" && changed.reason === "Error" ? since(changed.lastTransitionTime) : {}),
  };
}

function machineItem(parts: MachineParts): Item {
  const { machine } = parts;
  const { name, creationTimestamp, deletionTimestamp } = machine.metadata;
  const waits = waitsFor(parts);
  const leaving = deletionTimestamp !== undefined;
  const phase = leaving ? "being deleted" : (machine.status?.phase ?? "no phase yet").toLowerCase();
  return {
    kind: "machine",
    name: `machine ${name}`,
    mark: waits === undefined && !leaving ? "good" : "busy",
    text: waits === undefined ? phase : `${phase}, waits for ${waits}`,
    ...(waits === undefined ? {} : { waitsFor: waits }),
    ...since(
      leaving ? deletionTimestamp : (condition(machine, "Ready")?.lastTransitionTime ?? creationTimestamp),
    ),
  };
}

/** A machine with what belongs to it; each part may be missing. */
interface MachineParts {
  readonly machine: Machine;
  readonly metal3Machine?: Metal3Machine;
  readonly host?: HostState;
}

/** What a machine waits for, in the order in which it gets there; undefined when it waits for nothing. */
function waitsFor({ machine, metal3Machine, host }: MachineParts): string | undefined {
  return (
    whileLeaving(machine, metal3Machine) ??
    forBootstrap(machine) ??
    forHost(metal3Machine, host) ??
    forServer(host) ??
    forNode(machine, host)
  );
}

function whileLeaving(machine: Machine, metal3Machine: Metal3Machine | undefined): string | undefined {
  if (machine.metadata.deletionTimestamp === undefined) return undefined;
  const says = condition(machine, "Deleting");
  if (says !== undefined && says.message !== "") return wordsOf(says);
  if (metal3Machine?.metadata.deletionTimestamp !== undefined) return "its host to be cleaned and freed";
  return "its deletion";
}

function forBootstrap(machine: Machine): string | undefined {
  if (machine.spec?.bootstrap?.dataSecretName !== undefined) return undefined;
  const says = condition(machine, "BootstrapConfigReady");
  if (says === undefined || says.status === "True") return undefined;
  return `its bootstrap data: ${wordsOf(says)}`;
}

function forHost(metal3Machine: Metal3Machine | undefined, host: HostState | undefined): string | undefined {
  if (host !== undefined) return undefined;
  const says = condition(metal3Machine, "AssociateBMH") ?? condition(metal3Machine, "AssociateBareMetalHost");
  if (says !== undefined && says.status !== "True") return `a host: ${wordsOf(says)}`;
  const ready = condition(metal3Machine, "Ready");
  if (ready !== undefined && ready.status !== "True") return `a host: ${wordsOf(ready)}`;
  return "a host";
}

function forServer(host: HostState | undefined): string | undefined {
  if (host === undefined || ["boot", "join", "ready"].includes(host.phase)) return undefined;
  if (host.error !== undefined) return `host ${host.name}, which is in ${host.error.type}`;
  return `host ${host.name}: ${host.text}`;
}

function forNode(machine: Machine, host: HostState | undefined): string | undefined {
  if (host?.phase === "boot") return `its node: the image is written, ${host.name} boots and joins`;
  if (host?.phase === "join") {
    const says = condition(host.node, "Ready");
    return `its node to be Ready: ${says === undefined ? "the kubelet has not reported yet" : wordsOf(says)}`;
  }
  const node = condition(machine, "NodeHealthy") ?? condition(machine, "NodeReady");
  return node === undefined || node.status === "True" ? undefined : `its node: ${wordsOf(node)}`;
}

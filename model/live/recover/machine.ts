import type { Node } from "../../kubernetes/core";
import { nearest } from "../../text/wording";
import { condition } from "../../kubernetes/condition";
import { hostError } from "../readiness/host-state";
import { type MachineState, machineRules, machineStates, stateOf } from "./machine-rules";
import { type Refused, type Situation, refusals } from "./rule";

/** What is to be done about a machine. */
export type MachineDecision =
  /** Nothing may be changed, and why. */
  | { readonly step: "refuse"; readonly why: readonly Refused[] }
  /** The management cluster cannot be queried, so nothing is known. */
  | { readonly step: "unknown"; readonly why: string }
  /** The Machine may be deleted; `consequences` is what a person must agree to. */
  | { readonly step: "delete"; readonly machine: MachineState; readonly consequences: readonly string[] }
  /** It is being replaced already: only to be watched. */
  | { readonly step: "follow"; readonly words: string };

/** So long after its creation a node may say for the first time that it is not Ready. */
const registrationMs = 10_000;

/** Decides about a machine, named by itself, its node or its host. `complete` says whether the cluster lacks nothing. */
export function decideMachine(name: string, situation: Situation, complete: boolean): MachineDecision {
  const { management } = situation.snapshot;
  const unread =
    management.trouble?.message ??
    management.parts.machines.unread?.why ??
    management.parts.hosts.unread?.why;
  if (unread !== undefined) return { step: "unknown", why: unread };
  const states = machineStates(situation.snapshot);
  const machine = states.find((state) => isCalled(state, name));
  if (machine === undefined) {
    // A recovery that was cut off after the Machine was gone is requested again by a name that no object has any more.
    if (complete) return { step: "refuse", why: [unknownName(name, states)] };
    return { step: "follow", words: `there is no machine ${name} any more; following its replacement` };
  }
  if (machine.deleting) return { step: "follow", words: `${machine.name} is being deleted already` };
  if (machine.name !== name && isBeingMade(machine)) {
    const words = `${machine.name} is being made on ${name}; to replace that one, recover it by its own name`;
    return { step: "follow", words };
  }
  const why = refusals(machineRules, machine, situation);
  return why.length > 0
    ? { step: "refuse", why }
    : { step: "delete", machine, consequences: consequencesOf(machine) };
}

/**
 * A host's name passes from a machine to its replacement: who asks again for a recovery by it must not lose that one. A
 * machine that was never ready may be it.
 */
function isBeingMade({ machine, host, node }: MachineState): boolean {
  if (hostError(host) !== undefined) return false;
  return machine.status?.nodeRef?.name === undefined || wasNeverReady(node);
}

/** A node that registers says at once that it is not Ready, and since when. */
function wasNeverReady(node: Node | undefined): boolean {
  const ready = condition(node, "Ready");
  const since = Date.parse(ready?.lastTransitionTime ?? "");
  const registered = Date.parse(node?.metadata.creationTimestamp ?? "");
  return ready?.status === "False" && since - registered < registrationMs;
}

function isCalled({ name, host, node }: MachineState, asked: string): boolean {
  return [name, host?.metadata.name, node?.metadata.name].includes(asked);
}

/** The id of a refusal that has no rule: there is nothing to judge. */
export const machineKnown = {
  id: "recover/machine-known",
  summary: "The machine, node or host exists.",
  why: "an unknown name may be a typo",
};

function unknownName(name: string, states: readonly MachineState[]): Refused {
  const names = states.map((state) => state.name);
  const guess = nearest(name, names);
  return {
    id: machineKnown.id,
    at: `Machine/${name}`,
    problem: `no machine, node or host of the cluster is called that, and nothing is being replaced${guess === undefined ? "" : `; did you mean ${guess}?`}`,
    fix: names.length === 0 ? "pulumi up makes the machines" : `machines are ${names.join(", ")}`,
  };
}

function consequencesOf({ name, pool, host, node, trouble }: MachineState): readonly string[] {
  const serial = host?.spec?.rootDeviceHints?.serialNumber;
  const disk = serial === undefined ? "its disks" : `its disk ${serial}`;
  return [
    `${name} (${pool}${node === undefined ? "" : `, node ${node.metadata.name}`}): ${trouble ?? ""}`,
    host === undefined
      ? "it has no host, so nothing is wiped"
      : `host ${host.metadata.name} (${stateOf(host)}) is powered off and ${disk} wiped; a host of the pool is then provisioned again`,
  ];
}

import { type KubernetesObject, text } from "../../kubernetes/object";
import { condition } from "../../kubernetes/condition";
import type { HostState } from "../readiness/host-state";
import { wordsOf } from "./item";

/** A machine with what belongs to it; each part may be missing. */
export interface MachineParts {
  readonly machine: KubernetesObject;
  readonly metal3Machine?: KubernetesObject;
  readonly host?: HostState;
}

/** What a machine waits for, in the order in which it gets there; undefined when it waits for nothing. */
export function waitsFor({ machine, metal3Machine, host }: MachineParts): string | undefined {
  return (
    whileLeaving(machine, metal3Machine) ??
    forBootstrap(machine) ??
    forHost(metal3Machine, host) ??
    forServer(host) ??
    forNode(machine, host)
  );
}

function whileLeaving(
  machine: KubernetesObject,
  metal3Machine: KubernetesObject | undefined,
): string | undefined {
  if (machine.metadata.deletionTimestamp === undefined) return undefined;
  const says = condition(machine, "Deleting");
  if (says !== undefined && says.message !== "") return wordsOf(says);
  if (metal3Machine?.metadata.deletionTimestamp !== undefined) return "its host to be cleaned and freed";
  return "its deletion";
}

function forBootstrap(machine: KubernetesObject): string | undefined {
  if (text(machine, "spec", "bootstrap", "dataSecretName") !== undefined) return undefined;
  const says = condition(machine, "BootstrapConfigReady");
  if (says === undefined || says.status === "True") return undefined;
  return `its bootstrap data: ${wordsOf(says)}`;
}

function forHost(
  metal3Machine: KubernetesObject | undefined,
  host: HostState | undefined,
): string | undefined {
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

function forNode(machine: KubernetesObject, host: HostState | undefined): string | undefined {
  if (host?.phase === "boot") return `its node: the image is written, ${host.name} boots and joins`;
  if (host?.phase === "join") {
    const says = condition(host.node, "Ready");
    return `its node to be Ready: ${says === undefined ? "the kubelet has not reported yet" : wordsOf(says)}`;
  }
  const node = condition(machine, "NodeHealthy") ?? condition(machine, "NodeReady");
  return node === undefined || node.status === "True" ? undefined : `its node: ${wordsOf(node)}`;
}

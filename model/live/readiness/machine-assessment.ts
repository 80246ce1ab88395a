import { type KubernetesObject, text } from "../../kubernetes/object";
import { controlPlaneLabel } from "../../kubernetes/labels";
import { hostOfMachine } from "../rollout/live-cluster";
import { condition } from "../../kubernetes/condition";
import type { Part } from "./control-plane-assessment";
import { type Observation, allManaged } from "./observation";
import { plainText } from "../../redaction/shown";
import type { ClusterReadinessPlan } from "../../plan/readiness";

/** What Cluster API does while a machine leaves, by the reason of its condition Deleting. */
const leavingWords: Readonly<Record<string, string>> = {
  WaitingForPreDrainHook: "waits for a deletion hook before its node is drained",
  DrainingNode: "its node is drained",
  WaitingForVolumeDetach: "its volumes are detached",
  WaitingForPreTerminateHook: "its etcd member leaves",
  WaitingForInfrastructureDeletion: "its host is deprovisioned",
  WaitingForBootstrapDeletion: "its host is free",
  DeletingNode: "its node is removed",
};

/** Machines that are not to stay: those that leave, and those whose successor must come. Nothing is ready before they are gone. */
export function assessMachines(plan: ClusterReadinessPlan, observation: Observation): Part {
  const hosts = allManaged(observation, "hosts");
  const passing = allManaged(observation, "machines")
    .filter(({ metadata }) => plan.subject === "cluster" || controlPlaneLabel in (metadata.labels ?? {}))
    .flatMap((machine) => passingMachine(machine) ?? []);
  const whose = (machine: KubernetesObject) => hostOfMachine(hosts, machine)?.metadata.name ?? plan.cluster;
  return {
    statuses: passing.map(({ machine, words }) => ({
      key: `machine/${machine.metadata.name}`,
      who: whose(machine),
      phase: "replace",
      text: `machine ${machine.metadata.name} ${words}`,
      ...(machine.metadata.deletionTimestamp === undefined
        ? {}
        : { gone: `machine ${machine.metadata.name} is gone` }),
    })),
    missing: passing.map(({ machine, words, cause }) => ({
      who: whose(machine),
      what: `machine ${machine.metadata.name} gone (${words})`,
      ...(cause === "" ? {} : { cause }),
    })),
  };
}

interface PassingMachine {
  readonly machine: KubernetesObject;
  readonly words: string;
  readonly cause: string;
}

function passingMachine(machine: KubernetesObject): PassingMachine | undefined {
  if (machine.metadata.deletionTimestamp !== undefined) {
    const deleting = condition(machine, "Deleting");
    const words = leavingWords[deleting?.reason ?? ""] ?? "is taken away";
    return { machine, words: `leaves: ${words}`, cause: plainText(deleting?.message ?? "") };
  }
  const upToDate = condition(machine, "UpToDate");
  if (upToDate?.status !== "False") return undefined;
  const version = text(machine, "spec", "version") ?? "";
  return { machine, words: `(${version}) is to be replaced`, cause: plainText(upToDate.message) };
}

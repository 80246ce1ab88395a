import type { Machine } from "../../kubernetes/cluster-api";
import type { BareMetalHost, Metal3Machine } from "../../kubernetes/metal3";
import { selects } from "../../kubernetes/object";
import { type Condition, condition, conditions, isCurrent } from "../../kubernetes/condition";
import { poolLabel } from "../../kubernetes/labels";
import { claimOf, isKeptFor, keptForOtherPool, unhealthyMarks } from "../readiness/host-claim";
import { type ManagementPart, inManagement, named } from "../snapshot";
import {
  type CauseRule,
  type ClusterSituation,
  type DiagnosisCase,
  type SnapshotCause,
  type Symptom,
  about,
  clusterCause,
  isOlder,
  sinceTime,
} from "./cause";

const machinesOf = ({ snapshot }: DiagnosisCase) => inManagement(snapshot, "machines");

const admitted: readonly ManagementPart[] = [
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machines",
  "metal3Machines",
];

/** The message of CAPM3 on a machine that waits for a host. */
function waitsForHost(machine: Metal3Machine): string | undefined {
  if (machine.metadata.deletionTimestamp !== undefined) return undefined;
  return conditions(machine).find(
    (entry) => entry.status !== "True" && /no available host/i.test(`${entry.message} ${entry.reason}`),
  )?.message;
}

/** Why a host can never serve a machine; undefined when it may. One in error may: it has causes of its own. */
function refusal(
  situation: ClusterSituation,
  machine: Metal3Machine,
  host: BareMetalHost,
): string | undefined {
  if (!selects(machine.spec?.hostSelector, host.metadata.labels)) return "other labels";
  if (host.metadata.deletionTimestamp !== undefined) return "being deleted";
  if (isTaken(situation, machine, host)) return `taken by ${claimOf(host)?.name ?? "another"}`;
  if (unhealthyMarks(host).length > 0) return "marked unhealthy";
  const pool = host.metadata.labels?.[poolLabel];
  const kept = keptForOtherPool(host, situation.plan.cluster, pool ?? "");
  if (pool !== undefined && kept !== undefined) return `kept for ${kept}`;
  if (host.spec?.externallyProvisioned === true) return "externally provisioned";
  return undefined;
}

/** Whether another object than this machine holds the host, and is not a machine that is being deleted or unknown here. */
function isTaken(situation: ClusterSituation, machine: Metal3Machine, host: BareMetalHost): boolean {
  const claim = claimOf(host);
  if (claim === undefined || isKeptFor(host, situation.plan.cluster)) return false;
  if (claim.by !== "machine") return true;
  if (claim.namespace !== situation.snapshot.namespace) return true;
  if (claim.name === machine.metadata.name) return false;
  return (
    named(inManagement(situation.snapshot, "metal3Machines"), claim.name)?.metadata.deletionTimestamp ===
    undefined
  );
}

function selectorText(machine: Metal3Machine): string {
  const labels = Object.entries((machine.spec?.hostSelector?.matchLabels ?? {}) as object);
  return labels.length === 0 ? "(any)" : labels.map(([key, value]) => `${key}=${String(value)}`).join(",");
}

/** Cluster API's condition of a machine that is being deleted. */
function deleting(machine: Machine): Condition | undefined {
  if (machine.metadata.deletionTimestamp === undefined) return undefined;
  return condition(machine, "Deleting");
}

/** One row per reason for which a deletion waits. */
const deletionReasons: readonly (Omit<SnapshotCause, "find"> & {
  readonly problem: string;
  readonly waitsFor: (found: Condition) => boolean;
  readonly holds?: (machine: Machine) => boolean;
  readonly command: (machine: Machine) => string;
})[] = [
  {
    id: "machines/drain-blocked",
    summary: "A PodDisruptionBudget prevents the drain of a machine that is being deleted.",
    why: "A budget that allows no disruption keeps its pods, and their node, until nodeDrainTimeoutSeconds is over.",
    fix: "let the workload have one more ready pod elsewhere, or loosen its PodDisruptionBudget",
    problem: "cannot be drained: a PodDisruptionBudget allows no eviction",
    waitsFor: ({ message }) => /disruption budget|PodDisruptionBudget/i.test(message),
    command: () => "kubectl get poddisruptionbudgets -A    (in the workload cluster)",
  },
  {
    id: "machines/volumes-attached",
    summary: "A volume stays attached to a machine that is being deleted.",
    why: "Cluster API waits for every volume to be detached before it frees the host.",
    fix: "find out why the storage driver does not detach the volume; its controller may be down",
    problem: "waits for volumes to be detached",
    waitsFor: ({ reason, message }) => /VolumeDetach/.test(reason) || /volumes? .*attached/i.test(message),
    command: () => "kubectl get volumeattachments    (in the workload cluster)",
  },
  {
    id: "machines/deletion-hook-holds",
    summary: "A deletion hook holds a machine that is being deleted.",
    why: "A machine with a deletion hook stays until the owner of the hook removes it.",
    fix: "let the owner of the hook do its work, or remove the annotation once you know that it is done",
    problem: "is held by a deletion hook",
    waitsFor: ({ reason }) => /Waiting(Pre|ForPre)(Drain|Terminate)Hook/.test(reason),
    // The control plane's own hook belongs to a normal deletion.
    holds: ({ metadata }) =>
      Object.keys(metadata.annotations ?? {}).some(
        (name) => /^pre-(drain|terminate)\.delete\.hook/.test(name) && !name.endsWith("/kcp-cleanup"),
      ),
    command: ({ metadata }) =>
      `kubectl -n ${metadata.namespace ?? ""} get machine ${metadata.name} -o jsonpath='{.metadata.annotations}'`,
  },
];

const deletionCauses = deletionReasons.map(
  ({ problem, waitsFor, holds, command, ...texts }): SnapshotCause => ({
    ...texts,
    find: (at) =>
      machinesOf(at).flatMap((machine): readonly Symptom[] => {
        const found = deleting(machine);
        if (found === undefined || !waitsFor(found) || holds?.(machine) === false) return [];
        return [
          {
            ...about(machine),
            ...sinceTime(machine.metadata.deletionTimestamp),
            problem: `machine ${machine.metadata.name} ${problem}`,
            evidence: `Deleting ${found.reason}: "${found.message}"`,
            command: command(machine),
          },
        ];
      }),
  }),
);

/** Causes that keep a machine from getting a host, its data, or its end. */
export const machineCauses: readonly CauseRule[] = [
  clusterCause({
    id: "machines/webhook-refused",
    summary: "An admission webhook denies what a controller has to create.",
    why: "A webhook that answers and denies will deny the same object again; one that is down gives another error.",
    fix: "correct the field that the message names in the stack file, then run pulumi up again",
    // Conditions stay until the controller's next try, which may come just after the cause was fixed.
    graceSeconds: 60,
    find: ({ snapshot, plan }) =>
      admitted.flatMap((watch) =>
        inManagement(snapshot, watch).flatMap((object) =>
          conditions(object)
            .filter((entry) => /admission webhook .*denied/i.test(entry.message) && isCurrent(object, entry))
            .slice(0, 1)
            .map((entry) => ({
              ...about(object, plan.cluster),
              problem: "an admission webhook refuses what the controller has to create",
              evidence: `condition ${entry.type}: "${entry.message}"`,
            })),
        ),
      ),
  }),
  clusterCause({
    id: "hosts/none-matches",
    summary: "A machine waits for a host, and no host can serve it.",
    why: "No host that is available, or will be, has the labels that the machine requires.",
    fix: "add a host of that pool to the stack file, lower the replicas, or free a host",
    // Hosts and machines arrive through different watches, and a label may be written a moment after the host.
    graceSeconds: 30,
    find(situation) {
      const { snapshot, plan } = situation;
      if (snapshot.management.parts.hosts.objects === undefined) return [];
      const hosts = inManagement(snapshot, "hosts");
      return inManagement(snapshot, "metal3Machines").flatMap((machine) => {
        const message = waitsForHost(machine);
        const refusals = hosts.map((host) => [host, refusal(situation, machine, host)] as const);
        if (message === undefined || refusals.some(([, reason]) => reason === undefined)) return [];
        const reasons = refusals.map(([host, reason]) => `${host.metadata.name}: ${reason ?? ""}`).join(", ");
        return [
          {
            ...about(machine, plan.cluster),
            object: `Metal3Machine/${machine.metadata.name}`,
            problem: `no host can serve machine ${machine.metadata.name}`,
            evidence: `"${message}"; selector ${selectorText(machine)}; ${hosts.length === 0 ? "the namespace has no hosts" : reasons}`,
          },
        ];
      });
    },
  }),
  /*
   * Seen with Cluster API 1.14.2: after a restart of the API server its MachineSet controller deletes, with caches of
   * different age, the KubeadmConfig of a machine that it has just created.
   */
  clusterCause({
    id: "machines/bootstrap-config-gone",
    summary: "A machine's KubeadmConfig was deleted.",
    why: "A KubeadmConfig is created once, with its machine; without it the machine never gets a host.",
    fix: "replace the machine: npm run metal -- recover machine NAME",
    // Right after its creation Cluster API may see the machine before it sees what belongs to it.
    graceSeconds: 120,
    find: ({ snapshot, plan }) =>
      inManagement(snapshot, "machines").flatMap((machine) => {
        const found = condition(machine, "BootstrapConfigReady");
        if (machine.metadata.deletionTimestamp !== undefined) return [];
        if (found?.status !== "False" || found.reason !== "ObjectDoesNotExist") return [];
        const { name } = machine.metadata;
        return [
          {
            object: `Machine/${name}`,
            who: plan.cluster,
            problem: `machine ${name} has lost its KubeadmConfig and never gets a host`,
            evidence: `condition BootstrapConfigReady: ${found.message}`,
            fix: `replace the machine: npm run metal -- recover machine ${name}`,
          },
        ];
      }),
  }),
  ...deletionCauses,
  {
    id: "machines/deletion-stuck",
    summary: "The deletion of a machine takes more than 90 minutes.",
    why: "Draining, detaching and cleaning together take less, so one of them does not proceed.",
    fix: "check what the condition Deleting names; never remove a finalizer by hand: the host would stay claimed",
    find: (at) =>
      machinesOf(at)
        .filter((machine) => isOlder(machine.metadata.deletionTimestamp, 90, at.now))
        .flatMap((machine): readonly Symptom[] => {
          const found = deleting(machine);
          if (found !== undefined && deletionReasons.some(({ waitsFor }) => waitsFor(found))) return [];
          return [
            {
              ...about(machine),
              ...sinceTime(machine.metadata.deletionTimestamp),
              certainty: "likely" as const,
              problem: `machine ${machine.metadata.name} has been deleting for more than 90 minutes`,
              evidence: `Deleting ${found?.reason ?? "(no condition)"}: "${found?.message ?? ""}"; finalizers ${(machine.metadata.finalizers ?? []).join(", ")}`,
            },
          ];
        }),
  },
  {
    id: "machines/bootstrap-failed",
    summary: "The bootstrap data of a machine cannot be created.",
    why: "Without bootstrap data no host is chosen for the machine.",
    fix: "correct what the message names in the stack file, then pulumi up",
    find: ({ snapshot }) =>
      inManagement(snapshot, "kubeadmConfigs").flatMap((config): readonly Symptom[] => {
        const found = condition(config, "DataSecretAvailable") ?? condition(config, "Ready");
        if (found?.status !== "False" || !/Failed|Error/.test(found.reason)) return [];
        return [
          {
            ...about(config),
            ...sinceTime(found.lastTransitionTime),
            problem: `the bootstrap data of ${config.metadata.name} cannot be created`,
            evidence: `${found.type} ${found.reason}: "${found.message}"`,
          },
        ];
      }),
  },
  {
    id: "machines/addresses-exhausted",
    summary: "An address pool has no free address.",
    why: "A machine whose node gets no address from the pool is never provisioned, and Metal3 retries a refused claim only after its error is removed.",
    fix: "widen network.addressPool in the stack file, then pulumi up, which makes Metal3 retry the claims",
    find: ({ snapshot }) =>
      [...inManagement(snapshot, "ipClaims"), ...inManagement(snapshot, "datas")].flatMap(
        (claim): readonly Symptom[] => {
          const message = claim.status?.errorMessage ?? "";
          if (!/exhausted/i.test(message)) return [];
          const pool = claim.spec?.pool?.name;
          return [
            {
              ...about(claim),
              problem: `${pool === undefined ? "an address pool" : `address pool ${pool}`} is exhausted`,
              evidence: `"${message}"`,
              command: `kubectl -n ${snapshot.namespace} get ippools,ipclaims,ipaddresses`,
            },
          ];
        },
      ),
  },
  {
    id: "machines/data-not-rendered",
    summary: "A machine's metadata or network data cannot be rendered.",
    why: "A machine without its metadata and network data is never provisioned.",
    fix: "correct what the message names in the stack file, then pulumi up: npm run metal -- preflight --only hosts",
    find: ({ snapshot }) =>
      inManagement(snapshot, "datas").flatMap((data): readonly Symptom[] => {
        const message = data.status?.errorMessage ?? "";
        if (message === "" || /exhausted/i.test(message)) return [];
        const isInterface = /nic|interface/i.test(message);
        return [
          {
            ...about(data),
            problem: isInterface
              ? "the host has no interface of the name that the network data requires"
              : "the machine's metadata or network data cannot be rendered",
            evidence: `"${message}"`,
            ...(isInterface
              ? { fix: "write the interface's real name, as the inspection found it, into the stack file" }
              : {}),
            command: `kubectl -n ${snapshot.namespace} get hardwaredata -o yaml`,
          },
        ];
      }),
  },
  {
    id: "machines/startup-timeout-short",
    summary: "A MachineHealthCheck deletes machines before their servers have booted.",
    why: "A machine that is deleted before its server has booted is created and deleted again without end.",
    fix: "raise the pool's health check timeout above what a server needs (two hours), then pulumi up",
    find: (at) =>
      machinesOf(at).flatMap((machine): readonly Symptom[] => {
        const found = condition(machine, "HealthCheckSucceeded");
        if (found?.status !== "False" || !/NodeStartupTimeout/.test(found.reason)) return [];
        const seconds = inManagement(at.snapshot, "healthChecks").map(
          (check) => check.spec?.checks?.nodeStartupTimeoutSeconds,
        );
        return [
          {
            ...about(machine),
            ...sinceTime(found.lastTransitionTime),
            problem: `machine ${machine.metadata.name} is replaced because its node did not join in time`,
            evidence: `${found.reason}: "${found.message}"; nodeStartupTimeoutSeconds ${seconds.join(", ")}`,
          },
        ];
      }),
  },
];

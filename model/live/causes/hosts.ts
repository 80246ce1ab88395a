import type { HostStep } from "../../kubernetes/metal3";
import { conditionIs } from "../../kubernetes/condition";
import { claimOf, consumerOf, unhealthyMarks } from "../readiness/host-claim";
import { type RootDeviceHints, disksText, hintsText, matchesHints } from "../preflight/hardware";
import type { HostState } from "../readiness/host-state";
import { inManagement, named } from "../snapshot";
import {
  type CauseRule,
  type DiagnosisCase,
  type SnapshotCause,
  type Symptom,
  clusterCause,
  isOlder,
  sinceTime,
  wasRead,
} from "./cause";
import { hostErrorCauses } from "./host-errors";

/** A cause that shows in one planned host; `judge` returns undefined when the host is well. */
export function hostCause({
  judge,
  ...texts
}: Omit<SnapshotCause, "find"> & {
  judge(host: HostState, at: DiagnosisCase): Omit<Symptom, "object" | "who"> | undefined;
}): SnapshotCause {
  return {
    ...texts,
    find: (at) =>
      at.hosts.flatMap((host) => {
        const found = host.host === undefined ? undefined : judge(host, at);
        return found === undefined
          ? []
          : [{ object: `BareMetalHost/${host.name}`, who: host.name, ...found }];
      }),
  };
}

/** The operator's state of a host, `provisioned`. */
export const stateOf = ({ host }: HostState) => host?.status?.provisioning?.state ?? "";

/** When the operator began or ended a step of a host. */
export const historyOf = ({ host }: HostState, step: HostStep, edge: "start" | "end") =>
  host?.status?.operationHistory?.[step]?.[edge] ?? undefined;

const annotationOf = ({ host }: HostState, name: string) => host?.metadata.annotations?.[name];

/** How long a step may last before it counts as stuck; the longest that Metal3's own tests allow. */
const stuckMinutes = 60;

/** One row per step of the bare metal operator that neither ends nor reports an error. */
const stuckSteps = [
  {
    id: "hosts/inspection-stuck",
    summary: "The hardware inspection does not end and reports no error.",
    state: "inspecting",
    step: "inspect",
    minutes: 40,
    problem: "the hardware inspection has been running",
    fix: "check the server's console: it must boot the inspection ramdisk and reach Ironic",
  },
  {
    id: "hosts/provisioning-stuck",
    summary: "The image write does not end and reports no error.",
    state: "provisioning",
    step: "provision",
    minutes: stuckMinutes,
    problem: "the image write has been running",
    // Among the causes: Ironic still knows an older instance of the host.
    fix: "check the server's console; when it is off and stays off, Ironic has a record of an older instance: restart Ironic",
  },
  {
    id: "hosts/deprovisioning-stuck",
    summary: "The cleaning of the disks does not end and reports no error.",
    state: "deprovisioning",
    step: "deprovision",
    minutes: stuckMinutes,
    problem: "the disk cleaning has been running",
    fix: "check the server's console and its BMC; a hanging BMC needs a reset",
  },
] as const;

const stuckCauses = stuckSteps.map(({ id, summary, state, step, minutes, problem, fix }) =>
  hostCause({
    id,
    summary,
    why: `${minutes} minutes are more than any server needs for this step.`,
    fix,
    judge(host, { now }) {
      const start = historyOf(host, step, "start");
      if (stateOf(host) !== state || host.error !== undefined || !isOlder(start, minutes, now))
        return undefined;
      const power = host.host?.status?.poweredOn === false ? "off" : "on";
      return {
        certainty: "likely",
        problem: `${problem} since ${start ?? ""}`,
        evidence: `state ${state} without an error, power ${power}`,
        ...sinceTime(start),
      };
    },
  }),
);

/** One row per annotation that takes a host out of the operator's control. */
const annotationCauses = (
  [
    ["paused", "The operator does nothing for a paused host."],
    ["detached", "A detached host is neither powered, provisioned nor cleaned."],
  ] as const
).map(([state, why]) =>
  hostCause({
    id: `hosts/${state}`,
    summary: `A host is ${state} by its annotation.`,
    why,
    fix: `remove annotation baremetalhost.metal3.io/${state} from the host`,
    judge(host, { snapshot, plan }) {
      const annotation = `baremetalhost.metal3.io/${state}`;
      const value = annotationOf(host, annotation);
      if (value === undefined) return undefined;
      const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
      // Metal3 pauses the hosts itself while the Cluster is paused.
      if (state === "paused" && cluster?.spec?.paused === true) return undefined;
      return {
        problem: `host ${host.name} is ${state}`,
        evidence: `annotation ${annotation} is "${value}"`,
        command: `kubectl -n ${snapshot.namespace} annotate baremetalhost ${host.name} ${annotation}-`,
      };
    },
  }),
);

/** States of a host that was inspected, and whose disk still needs to be found. */
const beforeInstallation = ["preparing", "available", "ready", "provisioning"];

/** Volumes of a RAID are made after the inspection, so it has not found them. */
function withoutRootDisk(state: HostState): readonly Symptom[] {
  const { name, host } = state;
  const { rootDeviceHints, raid } = host?.spec ?? {};
  const disks = host?.status?.hardware?.storage ?? [];
  const isJudged = raid === undefined && disks.length > 0 && beforeInstallation.includes(stateOf(state));
  if (rootDeviceHints === undefined || !isJudged) return [];
  const hints: RootDeviceHints = rootDeviceHints;
  if (disks.some((disk) => matchesHints(disk, hints))) return [];
  return [
    {
      object: `BareMetalHost/${name}`,
      who: name,
      problem: `no disk of ${name} has ${hintsText(hints)}`,
      evidence: `inspection found ${disksText(disks)}`,
    },
  ];
}

/** Causes in the hosts and their BMCs. */
export const hostCauses: readonly CauseRule[] = [
  clusterCause({
    id: "hosts/absent",
    summary: "A planned BareMetalHost does not exist.",
    why: "Hosts are created before the wait begins, so a missing one is not created later.",
    fix: "the host was deleted: run pulumi refresh, then pulumi up",
    // Long enough for a watch that is catching up after a restart of the API server.
    graceSeconds: 60,
    find: ({ hosts, snapshot, plan }) =>
      snapshot.management.parts.hosts.objects === undefined
        ? []
        : hosts
            .filter((state) => state.phase === "absent")
            .map(({ name }) => ({
              object: `BareMetalHost/${name}`,
              who: name,
              problem: "the BareMetalHost does not exist",
              evidence: `namespace ${plan.namespace} has no BareMetalHost "${name}"`,
            })),
  }),
  hostCause({
    id: "hosts/being-deleted",
    summary: "A host is being deleted.",
    why: "A host that is being deleted is wiped and switched off; no machine will run on it.",
    fix: "wait until it is gone, then run pulumi refresh and pulumi up to create it again",
    judge({ host, name }) {
      const time = host?.metadata.deletionTimestamp;
      if (time === undefined) return undefined;
      return {
        problem: `host ${name} is being deleted`,
        evidence: `deletionTimestamp ${time}`,
        ...sinceTime(time),
      };
    },
  }),
  ...annotationCauses,
  hostCause({
    id: "hosts/unmanaged",
    summary: "A host has no BMC that the operator can manage.",
    why: "Without a BMC address the operator only keeps a record of the host.",
    fix: "give the host its bmc.address in the stack file, then pulumi up",
    judge(host) {
      const address = host.host?.spec?.bmc?.address;
      if (stateOf(host) !== "unmanaged" && address !== undefined) return undefined;
      return {
        problem: `host ${host.name} is not managed`,
        evidence: `state "${stateOf(host)}", bmc.address ${address ?? "(absent)"}`,
      };
    },
  }),
  hostCause({
    id: "hosts/credentials-missing",
    summary: "The Secret with a host's BMC login does not exist.",
    why: "Without its login the operator cannot reach the BMC at all.",
    fix: "run pulumi refresh, then pulumi up: the stack creates the Secret again",
    judge({ host }, at) {
      const name = host?.spec?.bmc?.credentialsName;
      if (name === undefined || !wasRead(at, "secrets")) return undefined;
      if (named(inManagement(at.snapshot, "secrets"), name) !== undefined) return undefined;
      return {
        problem: `Secret ${name} with the BMC's login does not exist`,
        evidence: `spec.bmc.credentialsName is ${name}`,
        command: "pulumi refresh && pulumi up",
      };
    },
  }),
  clusterCause({
    id: "hosts/root-disk-absent",
    summary: "No disk of a host matches its root device hints.",
    why: "The installer looks for the disk by these hints alone, so each attempt to write the image fails.",
    fix: "write the hints of the disk that gets the image into the stack file, then run pulumi up",
    // The operator copies the inspection's result and the new hints one after the other.
    graceSeconds: 60,
    find: ({ hosts }) => hosts.filter(({ claimed }) => claimed).flatMap(withoutRootDisk),
  }),
  ...hostErrorCauses,
  hostCause({
    id: "hosts/claim-stale",
    summary: "A host is claimed by a machine that does not exist.",
    why: "A host that names a consumer is taken, and no controller frees it once that consumer is gone.",
    fix: "npm run metal -- recover host NAME, which removes the claim once it is proven stale",
    judge(host, at) {
      const claim = claimOf(host.host);
      if (claim === undefined || consumerOf(host.host, at.snapshot)?.is !== "absent") return undefined;
      // Freed hosts keep the claim while they are cleaned.
      if (stateOf(host) === "deprovisioning") return undefined;
      return {
        problem: `host ${host.name} is claimed by a machine that does not exist`,
        evidence: `spec.consumerRef names Metal3Machine ${claim.name}`,
        command: `npm run metal -- recover host ${host.name} --stack ${at.snapshot.cluster}`,
      };
    },
  }),
  hostCause({
    id: "hosts/claim-foreign",
    summary: "A host is claimed by an object that is not a machine of this cluster.",
    why: "A claimed host is never chosen for a machine of this cluster, and metal does not remove claims of others.",
    fix: "release it there, or use another server",
    judge({ host, name }, { snapshot }) {
      const [claim, consumer] = [claimOf(host), consumerOf(host, snapshot)];
      if (claim === undefined || consumer?.is !== "foreign") return undefined;
      const { cluster } = consumer;
      const claimant = `${claim.kind} ${claim.namespace}/${claim.name}`;
      return {
        problem: `host ${name} is claimed by ${claimant}${cluster === undefined ? "" : ` of cluster ${cluster}`}`,
        evidence: `spec.consumerRef is ${claimant}`,
        command: `kubectl -n ${claim.namespace} get ${claim.kind.toLowerCase()} ${claim.name}`,
      };
    },
  }),
  /*
   * CAPM3 marks the host of a machine that reboots did not repair, and reports that in a condition which no supported
   * release of Cluster API reads (health/reboots-replace), so that nothing replaces the machine.
   */
  clusterCause({
    id: "machines/remediation-given-up",
    summary: "Reboots did not repair a machine, and no controller replaces it.",
    why: "After its last reboot Metal3 marks the host and keeps the machine, and Cluster API does not replace it.",
    fix: "replace the machine: npm run metal -- recover machine NAME",
    // A remediation marks the host a moment before its machine is deleted, where that happens.
    graceSeconds: 30,
    find: ({ hosts, plan }) =>
      hosts.flatMap(({ name, host, machine, node }) => {
        const [mark] = unhealthyMarks(host);
        if (mark === undefined || machine === undefined || conditionIs(node, "Ready", "True")) return [];
        if (machine.metadata.deletionTimestamp !== undefined) return [];
        const state =
          node === undefined ? "has no node" : `has node ${node.metadata.name}, which is not Ready`;
        return [
          {
            object: `Machine/${machine.metadata.name}`,
            who: name,
            problem: `reboots did not repair machine ${machine.metadata.name}, and no controller replaces it`,
            evidence: `host ${name} has the annotation ${mark}, and its machine ${state}`,
            fix: `npm run metal -- recover machine ${machine.metadata.name} --stack ${plan.cluster}`,
          },
        ];
      }),
  }),
  hostCause({
    id: "hosts/marked-unhealthy",
    summary: "A host is marked as unhealthy.",
    why: "Metal3 does not use a host with this mark until it is removed by hand.",
    fix: "repair the server, then npm run metal -- recover host NAME; if its machine is broken, recover machine NAME afterwards",
    judge(host, { snapshot }) {
      const [mark] = unhealthyMarks(host.host);
      if (mark === undefined) return undefined;
      return {
        problem:
          host.machine === undefined
            ? `host ${host.name} is marked unhealthy, so no machine can use it`
            : `host ${host.name} is marked unhealthy: it keeps machine ${host.machine.metadata.name} and accepts no other`,
        evidence: `annotation ${mark} is set`,
        command: `npm run metal -- recover host ${host.name} --stack ${snapshot.cluster}`,
      };
    },
  }),
  ...stuckCauses,
];

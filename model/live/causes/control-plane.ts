import type { KubeadmControlPlane } from "../../kubernetes/cluster-api";
import { condition } from "../../kubernetes/condition";
import { controlPlaneLabel } from "../../kubernetes/labels";
import { inManagement, named } from "../snapshot";
import {
  type CauseRule,
  type DiagnosisCase,
  type SnapshotCause,
  type Symptom,
  about,
  complaints,
  isInitialised,
  isOlder,
  sinceTime,
} from "./cause";
import { hostCause, stateOf } from "./hosts";

const controlMachines = ({ snapshot }: DiagnosisCase) =>
  inManagement(snapshot, "machines").filter(({ metadata }) => controlPlaneLabel in (metadata.labels ?? {}));

const controlPlaneOf = ({ snapshot, plan }: DiagnosisCase) =>
  named(inManagement(snapshot, "controlPlanes"), plan.cluster);

/** A cause that a controller reports in a condition or an event, since so many minutes. */
function reportedCause({
  message: pattern,
  problem,
  minutes,
  ...texts
}: Omit<SnapshotCause, "find"> & {
  readonly message: RegExp;
  readonly problem: string;
  readonly minutes: number;
}): SnapshotCause {
  return {
    ...texts,
    find: (at) =>
      complaints(at)
        .filter(({ message }) => pattern.test(message))
        .filter(({ since }) => since === undefined || at.now - since >= minutes * 60_000)
        .slice(0, 1)
        .map(({ object, message, ...since }) => ({ ...about(object), ...since, problem, evidence: message })),
  };
}

/** The static pod that brings the virtual address, as the control plane writes it. */
function vipManifest(controlPlane: KubeadmControlPlane | undefined): string {
  const file = (controlPlane?.spec?.kubeadmConfigSpec?.files ?? []).find(({ path }) => /kube-vip/.test(path));
  return file?.content ?? "";
}

/** Causes in etcd, certificates, the virtual address and the servers of the control plane. */
export const controlPlaneCauses: readonly CauseRule[] = [
  {
    id: "control-plane/quorum-lost",
    summary: "Most of the etcd members are unhealthy or off.",
    why: "etcd without a majority accepts no write: nothing can be created, changed or replaced in the cluster.",
    fix: "bring the control plane servers back; delete no machine: each deletion makes the majority harder to reach",
    find(at) {
      const members = controlMachines(at).filter((machine) => machine.status?.nodeRef !== undefined);
      // Cluster API reports Unknown for every member when it cannot reach the cluster.
      const away = members.filter((machine) => {
        const host = at.hosts.find((each) => each.machine === machine)?.host;
        return (
          condition(machine, "EtcdMemberHealthy")?.status === "False" || host?.status?.poweredOn === false
        );
      });
      const majority = Math.floor(members.length / 2) + 1;
      if (members.length === 0 || members.length - away.length >= majority) return [];
      return [
        {
          object: `KubeadmControlPlane/${at.plan.cluster}`,
          who: at.plan.cluster,
          problem: `etcd has lost its majority: ${away.length} of ${members.length} members are unavailable`,
          evidence: away
            .map(
              (machine) =>
                `${machine.metadata.name}: ${condition(machine, "EtcdMemberHealthy")?.message ?? "its server is off"}`,
            )
            .join("; "),
          fix: `bring the servers of ${away.map(({ metadata }) => metadata.name).join(", ")} back; delete no machine meanwhile`,
        },
      ];
    },
  },
  {
    id: "control-plane/certificates-expired",
    summary: "The certificates of a control plane machine have expired.",
    why: "API server, etcd and kubelet refuse each other once their certificates have expired.",
    fix: "renew them on the server (kubeadm certs renew all), restart the static pods, then replace the machine",
    find: (at) =>
      controlMachines(at).flatMap((machine): readonly Symptom[] => {
        const end = machine.status?.certificatesExpiryDate;
        if (end === undefined || Date.parse(end) > at.now) return [];
        return [
          {
            ...about(machine),
            ...sinceTime(end),
            problem: `the certificates of ${machine.metadata.name} have expired`,
            evidence: `status.certificatesExpiryDate is ${end}`,
            command: `npm run metal -- status --stack ${at.snapshot.cluster}`,
          },
        ];
      }),
  },
  reportedCause({
    id: "control-plane/etcd-alarm",
    summary: "etcd has raised an alarm.",
    why: "A member with alarm NOSPACE makes the whole cluster read-only until it is disarmed.",
    fix: "compact and defragment etcd, then disarm the alarm: etcdctl alarm disarm",
    message: /alarm/i,
    problem: "etcd has raised an alarm",
    minutes: 0,
  }),
  reportedCause({
    id: "control-plane/etcd-learner-stuck",
    summary: "A new etcd member does not catch up and stays a learner.",
    why: "A member joins as a learner and becomes a voter once it has caught up; while one is stuck no other can join.",
    fix: "check disk and network of the new control plane server; then npm run metal -- recover machine NAME",
    message: /\blearner\b/i,
    problem: "a new etcd member stays a learner",
    minutes: 5,
  }),
  {
    id: "control-plane/vip-address-invalid",
    summary: "kube-vip is configured with an address that has a prefix length.",
    why: "kube-vip takes an address with a prefix length for a host name, resolves it by DNS and never configures the address.",
    fix: "write the bare address; the prefix length goes to vip_subnet",
    find(at) {
      const controlPlane = controlPlaneOf(at);
      const found = /name: (vip_address|address)\s+value: "?([^"\s]+\/\d+)"?/.exec(vipManifest(controlPlane));
      if (found === null || controlPlane === undefined) return [];
      return [
        {
          ...about(controlPlane),
          problem: "kube-vip is configured with an address that has a prefix length",
          evidence: `${found[1] ?? ""} is "${found[2] ?? ""}" in its static pod`,
        },
      ];
    },
  },
  {
    id: "control-plane/vip-login-unprivileged",
    summary: "kube-vip has no permissions while kubeadm init runs.",
    why: "Since Kubernetes 1.29 admin.conf has no permissions until kubeadm init is nearly done, and init waits for the address.",
    fix: "let kube-vip use super-admin.conf while kubeadm init runs, and only then",
    find(at) {
      const controlPlane = controlPlaneOf(at);
      if (controlPlane === undefined || isInitialised(at)) return [];
      if (!/path: \/etc\/kubernetes\/admin\.conf/.test(vipManifest(controlPlane))) return [];
      const minor = Number(/^v1\.(\d+)/.exec(controlPlane.spec?.version ?? "")?.[1] ?? 0);
      const commands = (controlPlane.spec?.kubeadmConfigSpec?.preKubeadmCommands ?? []).join("\n");
      if (minor < 29 || commands.includes("super-admin.conf")) return [];
      if (!isOlder(controlPlane.metadata.creationTimestamp, 10, at.now)) return [];
      return [
        {
          ...about(controlPlane),
          problem: "kube-vip cannot take the address while the first control plane machine is created",
          evidence: `version v1.${minor}, kube-vip reads admin.conf, and no command lets it read super-admin.conf first`,
        },
      ];
    },
  },
  hostCause({
    id: "hosts/powered-off",
    summary: "A server that should run is off.",
    why: "A node on a server that is off cannot answer.",
    fix: "find out why it was switched off; when it may run, switch it on through its BMC",
    judge(host) {
      if (stateOf(host) !== "provisioned" || !host.claimed || host.error !== undefined) return undefined;
      if (host.host?.status?.poweredOn !== false) return undefined;
      const online = host.host.spec?.online === true;
      return {
        problem: `server ${host.name} is off`,
        evidence: `status.poweredOn is false, spec.online is ${online ? "true: the BMC does not switch it on" : "false: it was switched off on purpose"}`,
      };
    },
  }),
];

import { type KubernetesObject, field, list, text } from "../../../kubernetes/object";
import { inManagement, named } from "../../snapshot";
import { controlPlaneLabel } from "../../../kubernetes/labels";
import { condition, conditionIs } from "../../../kubernetes/condition";
import {
  type DiagnosisCase,
  type DiagnosisRule,
  type Symptom,
  about,
  complaints,
  isOlder,
  sinceTime,
} from "../case";

const controlMachines = ({ snapshot }: DiagnosisCase) =>
  inManagement(snapshot, "machines").filter(({ metadata }) => controlPlaneLabel in (metadata.labels ?? {}));

const controlPlaneOf = ({ snapshot, plan }: DiagnosisCase) =>
  named(inManagement(snapshot, "controlPlanes"), plan.cluster);

/** Whether the control plane of the cluster has ever come up. */
export function isInitialised({ snapshot, plan }: DiagnosisCase): boolean {
  const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
  return conditionIs(cluster, "ControlPlaneInitialized", "True");
}

/** Most of the etcd members are away. */
export const quorumLost: DiagnosisRule = {
  id: "control-plane/quorum-lost",
  why: "etcd without a majority takes no write: nothing can be created, changed or replaced in the cluster.",
  fix: "bring the control plane servers back; delete no machine: each deletion makes the majority harder to reach",
  find(at) {
    const members = controlMachines(at).filter(
      (machine) => field(machine, "status", "nodeRef") !== undefined,
    );
    // Unknown is what Cluster API says of every member when it cannot ask the cluster.
    const away = members.filter((machine) => {
      const says = condition(machine, "EtcdMemberHealthy");
      const host = at.hosts.find((each) => each.machine === machine)?.host;
      return says?.status === "False" || field(host, "status", "poweredOn") === false;
    });
    const majority = Math.floor(members.length / 2) + 1;
    if (members.length === 0 || members.length - away.length >= majority) return [];
    const names = away.map(({ metadata }) => metadata.name);
    return [
      {
        object: `KubeadmControlPlane/${at.plan.cluster}`,
        who: at.plan.cluster,
        problem: `etcd has lost its majority: ${away.length} of ${members.length} members are away`,
        evidence: away
          .map(
            (machine) =>
              `${machine.metadata.name}: ${condition(machine, "EtcdMemberHealthy")?.message ?? "its server is off"}`,
          )
          .join("; "),
        fix: `bring the servers of ${names.join(", ")} back; delete no machine meanwhile`,
      },
    ];
  },
};

interface ComplaintRule {
  readonly id: string;
  readonly why: string;
  readonly fix: string;
  readonly words: RegExp;
  readonly problem: string;
  readonly minutes: number;
}

function complaintRule({ words, problem, minutes, ...rule }: ComplaintRule): DiagnosisRule {
  return {
    ...rule,
    find: (at) =>
      complaints(at)
        .filter((complaint) => words.test(complaint.words))
        .filter(({ since }) => since === undefined || at.now - since >= minutes * 60_000)
        .slice(0, 1)
        .map(({ object, words: evidence, ...since }) => ({
          ...about(object),
          ...since,
          problem,
          evidence,
          fix: rule.fix,
        })),
  };
}

/** A new etcd member does not catch up. */
export const learnerStuck = complaintRule({
  id: "control-plane/etcd-learner-stuck",
  why: "A member joins as a learner and becomes a voter once it has caught up; while one is stuck no other can join.",
  fix: "check disk and network of the new control plane server; then npm run metal -- recover machine NAME",
  words: /\blearner\b/i,
  problem: "a new etcd member stays a learner",
  minutes: 5,
});

/** etcd has raised an alarm, mostly because its disk quota is used up. */
export const etcdAlarm = complaintRule({
  id: "control-plane/etcd-alarm",
  why: "A member with alarm NOSPACE makes the whole cluster read-only until it is disarmed.",
  fix: "compact and defragment etcd, then disarm the alarm: etcdctl alarm disarm",
  words: /alarm/i,
  problem: "etcd has raised an alarm",
  minutes: 0,
});

/** The certificates of a control plane machine have ended. */
export const certificatesExpired: DiagnosisRule = {
  id: "control-plane/certificates-expired",
  why: "API server, etcd and kubelet refuse each other once their certificates have ended.",
  fix: "renew them on the server (kubeadm certs renew all), restart the static pods, then replace the machine",
  find: (at) =>
    controlMachines(at).flatMap((machine): readonly Symptom[] => {
      const end = text(machine, "status", "certificatesExpiryDate");
      if (end === undefined || Date.parse(end) > at.now) return [];
      return [
        {
          ...about(machine),
          ...sinceTime(end),
          problem: `the certificates of ${machine.metadata.name} have ended`,
          evidence: `status.certificatesExpiryDate is ${end}`,
          fix: "on the server: kubeadm certs renew all, then restart the static pods",
          command: `npm run metal -- status --stack ${at.snapshot.cluster}`,
        },
      ];
    }),
};

/** The static pod that brings the virtual address, as the control plane writes it. */
function vipManifest(controlPlane: KubernetesObject | undefined): string | undefined {
  const file = list(controlPlane, "spec", "kubeadmConfigSpec", "files").find((entry) =>
    /kube-vip/.test(text(entry, "path") ?? ""),
  );
  return text(file, "content");
}

/** kube-vip is given an address with a prefix length, which it takes for a name. */
export const vipAddressInvalid: DiagnosisRule = {
  id: "control-plane/vip-address-invalid",
  why: "kube-vip takes an address with a prefix length for a host name, asks DNS for it and never brings the address up.",
  fix: "write the bare address; the prefix length goes to vip_subnet",
  find(at) {
    const controlPlane = controlPlaneOf(at);
    const found = /name: (vip_address|address)\s+value: "?([^"\s]+\/\d+)"?/.exec(
      vipManifest(controlPlane) ?? "",
    );
    if (found === null || controlPlane === undefined) return [];
    return [
      {
        ...about(controlPlane),
        problem: "kube-vip is given an address with a prefix length",
        evidence: `${found[1] ?? ""} is "${found[2] ?? ""}" in its static pod`,
        fix: "write the bare address; the prefix length goes to vip_subnet",
      },
    ];
  },
};

/** kube-vip has no rights on the first control plane machine. */
export const vipUnprivileged: DiagnosisRule = {
  id: "control-plane/vip-login-unprivileged",
  why: "Since Kubernetes 1.29 admin.conf has no rights until kubeadm init is nearly done, and init waits for the address.",
  fix: "let kube-vip use super-admin.conf while kubeadm init runs, and only then",
  find(at) {
    const controlPlane = controlPlaneOf(at);
    const manifest = vipManifest(controlPlane) ?? "";
    if (
      controlPlane === undefined ||
      isInitialised(at) ||
      !/path: \/etc\/kubernetes\/admin\.conf/.test(manifest)
    )
      return [];
    const minor = Number(/^v1\.(\d+)/.exec(text(controlPlane, "spec", "version") ?? "")?.[1] ?? 0);
    const commands = list(controlPlane, "spec", "kubeadmConfigSpec", "preKubeadmCommands").join("\n");
    if (minor < 29 || commands.includes("super-admin.conf")) return [];
    if (!isOlder(controlPlane.metadata.creationTimestamp, 10, at.now)) return [];
    return [
      {
        ...about(controlPlane),
        problem: "kube-vip cannot take the address while the first control plane is made",
        evidence: `version v1.${minor}, kube-vip reads admin.conf, and no command lets it read super-admin.conf first`,
        fix: "let kube-vip use super-admin.conf while kubeadm init runs, and only then",
      },
    ];
  },
};

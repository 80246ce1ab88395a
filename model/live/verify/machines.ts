import { condition, conditionIs, isCurrent } from "../../kubernetes/condition";
import type { Node } from "../../kubernetes/core";
import type { KubernetesObject } from "../../kubernetes/object";
import { type CheckResult, type Problem, judged, named, unknown } from "../preflight/check-result";
import { hostStates } from "../readiness/host-state";
import { machineStates } from "../recover/machine-rules";
import { type Credential, inManagement, inWorkload, named as byName } from "../snapshot";
import type { Running } from "./check";
import { contains, parseCidr } from "../../net/addresses";
import { counted } from "../../text/wording";
import { least } from "../../text/numbers";

/** Every machine serves, and none is being replaced. */
export function judgeMachines({ plan, snapshot }: Running): CheckResult {
  const states = machineStates(snapshot);
  const problems = states.flatMap(({ name, deleting, trouble }): Problem[] => {
    if (trouble === undefined) return [];
    return [
      {
        at: `Machine/${name}`,
        problem: trouble,
        fix: deleting
          ? `follow it to its end: npm run metal -- recover machine ${name} --stack ${plan.name}`
          : `npm run metal -- diagnose --stack ${plan.name}; if it stays: npm run metal -- recover machine ${name}`,
      },
    ];
  });
  return judged(counted(states.length, "machine"), problems);
}

/** No host of the inventory has an error or is kept from use. */
export function judgeHosts({ plan, snapshot }: Running): CheckResult {
  const hosts = hostStates({ ...plan.readiness, workloads: [] }, snapshot);
  const problems = hosts.flatMap(({ name, host, error }): Problem[] => {
    const at = `BareMetalHost/${name}`;
    const fix = `npm run metal -- diagnose --stack ${plan.name}`;
    if (host === undefined) return [{ at, problem: "is planned and not there", fix: "pulumi up" }];
    if (error !== undefined)
      return [{ at, problem: `${error.type} (${error.count} times): ${error.message}`, fix }];
    const held = Object.keys(host.metadata.annotations ?? {}).find((key) =>
      /\/(unhealthy|paused|detached)$/.test(key),
    );
    if (held === undefined) return [];
    return [
      {
        at,
        problem: `is kept from use by ${held}`,
        fix: `npm run metal -- recover host ${name}, if the reason for it is gone`,
      },
    ];
  });
  return judged(counted(hosts.length, "host"), problems);
}

/** Cluster API itself calls the cluster available and settled, for the spec that it has at present. */
export function judgeCluster({ plan, snapshot }: Running): CheckResult {
  const cluster = byName(inManagement(snapshot, "clusters"), plan.name);
  const at = `Cluster/${plan.name}`;
  if (cluster === undefined) return judged("", [{ at, problem: "is not there", fix: "pulumi up makes it" }]);
  const wanted: readonly (readonly [string, string])[] = [
    ["Available", "True"],
    ...["RollingOut", "ScalingUp", "ScalingDown", "Remediating", "Paused", "Deleting"].map(
      (type) => [type, "False"] as const,
    ),
  ];
  const problems = wanted.flatMap(([type, status]): Problem[] => {
    const found = condition(cluster, type);
    const absent = found === undefined && type !== "Available";
    if (absent || (found?.status === status && isCurrent(cluster, found))) return [];
    const words =
      found === undefined ? "is not said" : `is ${found.status}: ${found.message || found.reason}`;
    return [
      {
        at,
        problem: `${type} ${words}`,
        fix: `wait until it settles; npm run metal -- diagnose --stack ${plan.name}`,
      },
    ];
  });
  return judged("Available, and no change of it under way", problems);
}

const diagnose = ({ plan }: Running) => `npm run metal -- diagnose --stack ${plan.name}`;

/** As many nodes as machines are planned, or as an autoscaler may decide, and each Ready. */
export function judgeReady(running: Running): CheckResult {
  const nodes = inWorkload(running.snapshot, "nodes");
  const { controlPlane, workers, mostWorkers = workers } = running.plan.cilium.machines;
  const [least, most] = [controlPlane + workers, controlPlane + mostWorkers];
  const problems = nodes.flatMap((node): Problem[] => {
    if (conditionIs(node, "Ready", "True")) return [];
    const why = condition(node, "Ready")?.message ?? "its kubelet has said nothing yet";
    return [{ at: placeOfNode(node), problem: `is not Ready: ${why}`, fix: diagnose(running) }];
  });
  const count: Problem[] =
    nodes.length >= least && nodes.length <= most
      ? []
      : [
          {
            at: "",
            problem: `${counted(nodes.length, "node")} instead of ${bounds(least, most)} (${controlPlane} control planes, ${bounds(workers, mostWorkers)} workers)`,
            fix:
              nodes.length < least
                ? diagnose(running)
                : "a node that no machine stands for: kubectl delete node NAME",
          },
        ];
  return judged(`${counted(nodes.length, "node")}, all Ready`, [...count, ...problems]);
}

function bounds(least: number, most: number): string {
  return least === most ? String(least) : `${least} to ${most}`;
}

/** Each node has a share of every planned pod network, and no two the same. */
export function judgePodNetworks(running: Running): CheckResult {
  const nodes = inWorkload(running.snapshot, "nodes");
  const { pods } = running.plan.cilium.network;
  const ranges = pods.flatMap((cidr) => parseCidr(cidr) ?? []);
  const holders = new Map<string, string[]>();
  const problems = nodes.flatMap((node): Problem[] => {
    const shares = sharesOf(node);
    for (const share of shares) holders.set(share, [...(holders.get(share) ?? []), node.metadata.name]);
    const outside = shares.filter((share) => {
      const range = parseCidr(share);
      return range === undefined || !ranges.some((planned) => contains(planned, range));
    });
    if (shares.length === ranges.length && outside.length === 0) return [];
    return [
      {
        at: placeOfNode(node),
        problem:
          outside.length > 0
            ? `its pod network ${outside.join(", ")} is outside the planned ${pods.join(", ")}`
            : `has ${counted(shares.length, "pod network")}, and ${pods.join(", ")} are planned`,
        fix: "compare network.pods with podSubnet of the kubeadm-config; a node keeps its range until it is replaced",
      },
    ];
  });
  const shared = [...holders].filter(([, names]) => names.length > 1);
  const twice = shared.map(([share, names]): Problem => ({
    at: "",
    problem: `${named(names)} have the same pod network ${share}`,
    fix: "replace all but one of them: npm run metal -- recover machine NAME",
  }));
  return judged(`pod networks of ${counted(nodes.length, "node")} in ${pods.join(", ")}`, [
    ...problems,
    ...twice,
  ]);
}

/** Cilium routes what the node has: both name the same networks. */
export function judgeCiliumNodes(running: Running): CheckResult {
  const known = inWorkload(running.snapshot, "ciliumNodes");
  const problems = inWorkload(running.snapshot, "nodes").flatMap((node): Problem[] => {
    const own = known.find(({ metadata }) => metadata.name === node.metadata.name);
    const shares = [...(own?.spec?.ipam?.podCIDRs ?? [])].sort().join(", ");
    if (own !== undefined && shares === [...sharesOf(node)].sort().join(", ")) return [];
    return [
      {
        at: placeOfNode(node),
        problem:
          own === undefined
            ? "Cilium does not know it: there is no CiliumNode of that name"
            : `Cilium routes ${shares === "" ? "nothing" : shares} for it, and the node has ${sharesOf(node).join(", ")}`,
        fix: `look at its agent: cilium status --verbose, or npm run metal -- sysdump --stack ${running.plan.name}`,
      },
    ];
  });
  return judged(`CiliumNodes of ${counted(known.length, "node")} and their pod networks`, problems);
}

/** Every kubelet is of the planned version. */
export function judgeVersions(running: Running): CheckResult {
  const wanted = plannedVersion(running);
  const nodes = inWorkload(running.snapshot, "nodes");
  const problems = nodes.flatMap((node): Problem[] => {
    const version = node.status?.nodeInfo?.kubeletVersion ?? "";
    if (version === "" || wanted === undefined || version === wanted) return [];
    return [
      {
        at: placeOfNode(node),
        problem: `its kubelet is ${version}, planned is ${wanted}`,
        fix: "pulumi up rolls a new version out; an image whose kubelet is not kubernetes.version stays wrong",
      },
    ];
  });
  return judged(`kubelets of ${counted(nodes.length, "node")}: ${wanted ?? "any version"}`, problems);
}

function plannedVersion({ plan }: Running): string | undefined {
  const controlPlane = plan.cluster.objects.find((each) => each.kind === "KubeadmControlPlane");
  return controlPlane?.spec?.version;
}

function sharesOf(node: Node): readonly string[] {
  return node.spec?.podCIDRs ?? [];
}

function placeOfNode({ metadata }: KubernetesObject): string {
  return `Node/${metadata.name}`;
}

const dayMs = 86_400_000;
/** Cluster API renews a kubeconfig when half of its year is over; a month is its own affair. */
const renewalDays = 150;
/** The authority is made for ten years, and nothing renews it. */
const authorityDays = 365;
/** kubeadm's certificates live for a year and are renewed when the machine is replaced. */
const machineDays = 30;

/** The kubeconfig's certificates end in the far future. */
export function judgeKubeconfig({ plan, snapshot }: Running): CheckResult {
  const { credentials, kubeconfig } = snapshot.workload;
  if (kubeconfig !== true) return unknown("there is no kubeconfig to look at");
  const problems = credentials.flatMap((credential): Problem[] => {
    const left = daysLeft(credential, snapshot.at);
    const isAuthority = credential.name === "ca";
    if (left > (isAuthority ? authorityDays : renewalDays)) return [];
    return [
      {
        severity: left <= (isAuthority ? 90 : 30) ? "error" : "warning",
        at: credential.object,
        problem: `the certificate of ${isAuthority ? "the cluster's authority" : "the kubeconfig"} ${endsIn(left)}`,
        fix: isAuthority
          ? "plan a new authority: every machine is replaced with it"
          : `Cluster API renews it half a year before its end and did not: check that the Cluster is not paused, or delete Secret ${plan.name}-kubeconfig, which is then created again; then pulumi up`,
      },
    ];
  });
  const checked = credentials.map((one) => `${one.name} ${endsIn(daysLeft(one, snapshot.at))}`).join(", ");
  return judged(checked === "" ? "no certificates in the kubeconfig" : checked, problems);
}

/** The certificates that kubeadm made on control plane machines, as Cluster API reads them. */
export function judgeMachineCertificates({ snapshot }: Running): CheckResult {
  const dated = inManagement(snapshot, "machines").flatMap((machine) => {
    const end = Date.parse(machine.status?.certificatesExpiryDate ?? "");
    return Number.isNaN(end)
      ? []
      : [{ name: machine.metadata.name, days: Math.floor((end - snapshot.at) / dayMs) }];
  });
  const problems = dated
    .filter(({ days }) => days <= machineDays)
    .map(({ name, days }) => ({
      severity: days <= 7 ? ("error" as const) : ("warning" as const),
      at: `Machine/${name}`,
      problem: `its API server's certificate ${endsIn(days)}`,
      fix: "roll the control plane out: a new Kubernetes patch version, or kubectl patch of the KubeadmControlPlane's spec.rollout.after",
    }));
  const first = least(dated.map(({ days }) => days));
  return judged(
    dated.length === 0
      ? "no machine reports when its certificates expire"
      : `${counted(dated.length, "machine")}, the first ${endsIn(first)}`,
    problems,
  );
}

function daysLeft({ notAfter }: Credential, at: number): number {
  return Math.floor((notAfter - at) / dayMs);
}

function endsIn(days: number): string {
  return days < 0 ? `ended ${counted(-days, "day")} ago` : `ends in ${counted(days, "day")}`;
}

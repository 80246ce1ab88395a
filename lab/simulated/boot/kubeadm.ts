import { parseAllDocuments } from "yaml";
import { field, list, text } from "../../../model/kubernetes/object";
import { type CloudConfig, BootRefused } from "./cloud-config";

/** What kubeadm is to do on a machine. */
export interface KubeadmPlan {
  readonly action: "init" | "join-control-plane" | "join";
  readonly clusterConfiguration: unknown;
  readonly nodeName: string | undefined;
  /** The kubelet's own arguments, by name without dashes. */
  readonly kubelet: Readonly<Record<string, string>>;
  readonly taints: readonly unknown[];
  readonly skipPhases: readonly string[];
  /** Of a join. */
  readonly endpoint: string | undefined;
  readonly token: string | undefined;
  /** `sha256:<hex>` of the authorities' public keys, one of which a join insists on; empty when it trusts any. */
  readonly caCertHashes: readonly string[];
  /** Of an init and of a control plane join, by path below the PKI folder. */
  readonly certificates: ReadonlyMap<string, string>;
  /** All files of the user data, by path. */
  readonly files: ReadonlyMap<string, string>;
}

const initFile = "/run/kubeadm/kubeadm.yaml";
const joinFile = "/run/kubeadm/kubeadm-join-config.yaml";
const pki = "/etc/kubernetes/pki/";

/** kubeadm's phases (cmd/kubeadm/app/cmd/init.go and join.go of Kubernetes 1.36); those with parts take `phase/part`. */
const kubeadmPhases: Readonly<Record<"init" | "join", readonly string[]>> = {
  init: [
    "preflight",
    "certs",
    "kubeconfig",
    "etcd",
    "control-plane",
    "kubelet-start",
    "wait-control-plane",
    "upload-config",
    "upload-certs",
    "mark-control-plane",
    "bootstrap-token",
    "kubelet-finalize",
    "addon",
    "addon/coredns",
    "addon/kube-proxy",
    "show-join-command",
  ],
  join: [
    "preflight",
    "control-plane-prepare",
    "check-etcd",
    "kubelet-start",
    "etcd-join",
    "kubelet-wait-bootstrap",
    "control-plane-join",
    "wait-control-plane",
  ],
};

const withParts = new Set([
  "certs",
  "kubeconfig",
  "etcd",
  "control-plane",
  "upload-config",
  "kubelet-finalize",
  "control-plane-prepare",
  "control-plane-join",
]);

/** Reads kubeadm's configuration of a machine. Throws {@link BootRefused} for what kubeadm would refuse. */
export function readKubeadm(config: CloudConfig): KubeadmPlan {
  const init = config.files.get(initFile);
  const join = config.files.get(joinFile);
  if (init === undefined && join === undefined) {
    throw new BootRefused(`neither ${initFile} nor ${joinFile} is in the user data`);
  }
  const documents = parseAllDocuments(init ?? join ?? "").map((entry): unknown => entry.toJS());
  const kind = (name: string) => documents.find((entry) => text(entry, "kind") === name);
  const certificates = new Map(
    [...config.files]
      .filter(([path]) => path.startsWith(pki))
      .map(([path, pem]) => [path.slice(pki.length), pem]),
  );
  const section = kind(init === undefined ? "JoinConfiguration" : "InitConfiguration");
  const controlPlane = field(section, "controlPlane") !== undefined;
  const action = init !== undefined ? "init" : controlPlane ? "join-control-plane" : "join";
  const skipPhases = list(section, "skipPhases").map(String);
  refuseUnknownPhases(init === undefined ? "join" : "init", skipPhases);
  return {
    action,
    clusterConfiguration: kind("ClusterConfiguration"),
    nodeName: text(section, "nodeRegistration", "name"),
    kubelet: argumentsOf(field(section, "nodeRegistration", "kubeletExtraArgs")),
    taints: taintsOf(section, action !== "join"),
    skipPhases,
    endpoint: text(section, "discovery", "bootstrapToken", "apiServerEndpoint"),
    token: text(section, "discovery", "bootstrapToken", "token"),
    caCertHashes: list(section, "discovery", "bootstrapToken", "caCertHashes").map(String),
    certificates,
    files: config.files,
  };
}

function refuseUnknownPhases(command: "init" | "join", phases: readonly string[]): void {
  for (const phase of phases) {
    const [parent = ""] = phase.split("/");
    const known = kubeadmPhases[command].includes(phase) || (phase.includes("/") && withParts.has(parent));
    if (!known || (phase.includes("/") && !kubeadmPhases[command].includes(parent))) {
      throw new BootRefused(`kubeadm ${command}: invalid phase name: ${phase}`);
    }
  }
}

/** kubeadm's v1beta4 has a list of name and value, v1beta3 a map. */
export function argumentsOf(extraArgs: unknown): Record<string, string> {
  if (Array.isArray(extraArgs)) {
    return Object.fromEntries(
      extraArgs.map((entry) => [text(entry, "name") ?? "", text(entry, "value") ?? ""]),
    );
  }
  const map = (extraArgs ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, String(value)]));
}

function taintsOf(section: unknown, controlPlane: boolean): unknown[] {
  const given = field(section, "nodeRegistration", "taints");
  if (Array.isArray(given)) return given as unknown[];
  return controlPlane ? [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] : [];
}

const ownPrefixes = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const ownLabels = [
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
];

/** The labels of `--node-labels`. Throws where a kubelet would not start: labels that only others may set. */
export function nodeLabels(argument: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of (argument ?? "").split(",").filter((entry) => entry !== "")) {
    const [key = "", value = ""] = pair.split("=");
    const [prefix = ""] = key.includes("/") ? key.split("/") : [];
    const reserved = /(^|\.)(kubernetes|k8s)\.io$/.test(prefix);
    const own = ownPrefixes.some((entry) => prefix === entry || prefix.endsWith(`.${entry}`));
    if (reserved && !own && !ownLabels.includes(key)) {
      throw new BootRefused(
        `kubelet: unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${key}]`,
      );
    }
    labels[key] = value;
  }
  return labels;
}

/** The taints of `--register-with-taints`: `key=value:effect`, comma separated. */
export function registeredTaints(argument: string | undefined): unknown[] {
  return (argument ?? "")
    .split(",")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [left = "", effect = "NoSchedule"] = entry.split(":");
      const [key = "", value] = left.split("=");
      return { key, effect, ...(value === undefined || value === "" ? {} : { value }) };
    });
}

import { parseAllDocuments } from "yaml";
import { field, list, text } from "../../../model/kubernetes/object";
import { hostCidr } from "../../../model/net/addresses";
import { fits, versionIn } from "../../toolchain/tools";
import { fileAtKubeadm, type CloudConfig } from "./cloud-config";
import type { SpeakerPlan } from "../cilium/bgp/plan-nodes";
import type { MachineNetwork } from "./network";

/** Where the endpoint of a control plane is answered from. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The machine that a static pod runs on. */
export interface VipMachine {
  readonly network: Pick<MachineNetwork, "links" | "hasDefaultRoute">;
  readonly addresses: readonly string[];
  /** Of Kubernetes. */
  readonly version: string;
  readonly init: boolean;
}

/** What a control plane node's own manifests do about the endpoint. */
export type VipVerdict =
  | {
      readonly kind: "answers";
      /** Its sessions and what it announces by them, where it does so by BGP. */
      readonly speaker?: SpeakerPlan;
    }
  /** No manifest of the machine announces it: a load balancer does. */
  | { readonly kind: "external" }
  | { readonly kind: "dead"; readonly why: string };

/** A static pod of kube-vip, and where it runs. */
interface VipPod {
  readonly pod: unknown;
  readonly container: unknown;
  /** Release of kube-vip; an image without one counts as the newest. */
  readonly release: string;
  readonly endpoint: Endpoint;
  readonly machine: VipMachine;
  /** An environment variable; empty and missing ones are the same to kube-vip. */
  readonly env: (name: string) => string;
}

const manifests = "/etc/kubernetes/manifests/";
const adminConf = "/etc/kubernetes/admin.conf";
/** Where kubeadm's API server listens, and the names besides its addresses that its certificate has. */
const apiServerManifest = {
  port: "6443",
  names: ["kubernetes", "kubernetes.default", "kubernetes.default.svc"],
} as const;

/** Whether kube-vip brings the endpoint up on this machine. */
export function endpointVerdict(config: CloudConfig, endpoint: Endpoint, machine: VipMachine): VipVerdict {
  for (const path of [...config.files.keys()].filter((each) => each.startsWith(manifests))) {
    const pod = podOf(fileAtKubeadm(config, path) ?? "");
    const container = list(pod, "spec", "containers").find((entry) =>
      (text(entry, "image") ?? "").includes("kube-vip"),
    );
    if (container === undefined) continue;
    const values = new Map(
      list(container, "env").map((entry) => [text(entry, "name") ?? "", text(entry, "value") ?? ""]),
    );
    const release = versionIn((text(container, "image") ?? "").replace(/^.*:/, "")) ?? "999.0.0";
    const env = (name: string) => values.get(name) ?? "";
    const vip = { pod, container, release, endpoint, machine, env };
    const why = requirements.map((unmet) => unmet(vip)).find((each) => each !== undefined);
    if (why !== undefined) return { kind: "dead", why };
    return isOn(env("bgp_enable")) ? { kind: "answers", speaker: speakerOf(vip) } : { kind: "answers" };
  }
  return { kind: "external" };
}

/** The verdict where the stack has no load balancer: nothing else will answer for a node that announces nothing. */
export function withoutLoadBalancer(verdict: VipVerdict): VipVerdict {
  if (verdict.kind !== "external") return verdict;
  const why = `no manifest in ${manifests} announces it (kube-vip is missing), and the stack names no load balancer`;
  return { kind: "dead", why };
}

function podOf(content: string): unknown {
  const [first] = parseAllDocuments(content);
  return first !== undefined && "toJS" in first ? (first.toJS() as unknown) : undefined;
}

const peerText =
  /^(?<address>\[[0-9a-f:]+\]|[0-9.]+):(?<asn>[1-9]\d*)(:(?<password>[^:]*)(:(?<multihop>true|false)(:\d*)?)?)?$/i;

/** The peers as kube-vip reads them, `address:ASN:password:multihop`; undefined for one that it cannot read. */
function peersOf({ env }: Pick<VipPod, "env">) {
  const texts = env("bgp_peers") || [env("bgp_peeraddress"), env("bgp_peeras")].join(":");
  return texts.split(",").map((each) => peerText.exec(each)?.groups);
}

/**
 * kube-vip's sessions: over the endpoint's family, without listening, with a TTL of 50 where multihop is set, and an attempt
 * every 10 s (kube-vip v1.0.1 pkg/bgp/peers.go and server.go).
 */
function speakerOf({ env, endpoint, machine, ...vip }: VipPod): SpeakerPlan {
  const ipv6 = endpoint.host.includes(":");
  const [own = ""] = machine.addresses.filter((address) => address.includes(":") === ipv6);
  const prefix = hostCidr(endpoint.host);
  const announcement = { prefix, communities: [], largeCommunities: [] };
  return {
    instance: "kube-vip",
    localASN: Number(env("bgp_as")),
    routerId: env("bgp_routerid") || (machine.addresses.find((address) => !address.includes(":")) ?? ""),
    peers: peersOf({ env, ...vip }).map((peer = {}) => {
      const { address = "", asn, password = "", multihop } = peer;
      return {
        name: `${address}-${asn ?? ""}`,
        address: address.replace(/[[\]]/g, ""),
        asn: Number(asn),
        port: 179,
        localAddress: own,
        ...(password === "" ? {} : { password }),
        connectRetrySeconds: 10,
        holdSeconds: Number(env("bgp_hold_time") || 30),
        keepAliveSeconds: Number(env("bgp_keepalive_interval") || 10),
        multihop: multihop?.toLowerCase() === "true" ? 50 : 1,
        families: [{ afi: ipv6 ? "ipv6" : "ipv4", safi: "unicast" }],
        announcements: [announcement],
      };
    }),
  };
}

/** As Go's strconv.ParseBool reads it. */
const isOn = (value: string) => /^(1|t|T|TRUE|true|True)$/.test(value);

/**
 * What kube-vip needs before it holds an address, from v1.0.1 and v1.2.2 (cmd/kube-vip.go, pkg/manager/manager.go,
 * pkg/kubevip/config_environment.go, pkg/vip/address.go): each returns the reason why it is not met.
 */
const requirements: readonly ((vip: VipPod) => string | undefined)[] = [
  ({ env, endpoint }) => {
    const address = env("address") || env("vip_address");
    return when(
      address !== endpoint.host,
      `kube-vip announces "${address}", the endpoint is ${endpoint.host}`,
    );
  },
  ({ env, endpoint }) => {
    const longest = endpoint.host.includes(":") ? 128 : 32;
    const subnet = env("vip_subnet");
    // Only for `address` is there a default; vip_cidr is not read.
    if (subnet === "")
      return when(env("address") === "", "kube-vip needs vip_subnet where vip_address names the address");
    const mask = subnet.split(",").at(endpoint.host.includes(":") ? -1 : 0) ?? "";
    const valid = /^\d+$/.test(mask) && Number(mask) <= longest;
    return when(!valid, `kube-vip cannot read vip_subnet "${subnet}" as a mask up to ${longest}`);
  },
  ({ env, endpoint }) => {
    const port = env("port") || apiServerManifest.port;
    return when(
      port !== String(endpoint.port),
      `kube-vip serves port ${port}, the endpoint's is ${endpoint.port}`,
    );
  },
  ({ env }) =>
    when(!isOn(env("cp_enable")), "kube-vip runs without cp_enable: it announces no control plane address"),
  ({ env, release }) => {
    const modes = ["vip_arp", "bgp_enable", "vip_routingtable", "vip_wireguard"].filter((each) =>
      isOn(env(each)),
    );
    if (modes.length === 0) return "kube-vip has no mode: it needs vip_arp";
    const several = modes.length > 1 && fits(release, { from: "1.2.0", below: "1000.0.0" });
    return when(several, `kube-vip takes one mode, not ${modes.join(" and ")}`);
  },
  ({ env }) => {
    if (!isOn(env("bgp_enable"))) return undefined;
    if (!/^[1-9]\d*$/.test(env("bgp_as"))) return `kube-vip cannot read bgp_as "${env("bgp_as")}" as an ASN`;
    return when(
      peersOf({ env }).includes(undefined),
      "kube-vip cannot read one of its BGP peers as address:ASN:password:multihop",
    );
  },
  ({ pod, container }) => {
    if (!list(container, "args").includes("manager")) return "kube-vip is not started as manager";
    if (field(pod, "spec", "hostNetwork") !== true)
      return "kube-vip runs without hostNetwork: the address would be the pod's";
    const capabilities = list(container, "securityContext", "capabilities", "add");
    const privileged = field(container, "securityContext", "privileged") === true;
    const missing = ["NET_ADMIN", "NET_RAW"].filter((each) => !capabilities.includes(each));
    return when(!privileged && missing.length > 0, `kube-vip lacks the capability ${missing.join(" and ")}`);
  },
  ({ env, machine: { network } }) => {
    const name = env("vip_interface");
    if (name === "")
      return when(
        !network.hasDefaultRoute,
        "kube-vip has no vip_interface, and no default route to find one by",
      );
    const have = [...network.links].join(", ");
    return when(
      name !== "lo" && !network.links.has(name),
      `kube-vip finds no interface ${name}; the machine has ${have}`,
    );
  },
  ({ env }) => {
    // client-go/tools/leaderelection refuses others.
    const [lease, renew, retry] = [
      ["vip_leaseduration", 5],
      ["vip_renewdeadline", 3],
      ["vip_retryperiod", 1],
    ].map(([name, standard]) => Number(env(String(name)) || standard)) as [number, number, number];
    return when(
      !(lease > renew && renew > retry * 1.2),
      `kube-vip elects no leader with a lease of ${lease} s, renewed within ${renew} s every ${retry} s`,
    );
  },
  ({ env }) => {
    const namespace = env("cp_namespace") || "kube-system";
    const there = ["default", "kube-system", "kube-public", "kube-node-lease"].includes(namespace);
    return when(!there, `kube-vip keeps its lease in ${namespace}, which a new cluster does not have`);
  },
  kubeconfig,
  apiServer,
];

function when(unmet: boolean, why: string): string | undefined {
  return unmet ? why : undefined;
}

/**
 * On Kubernetes 1.29 and later admin.conf has no rights before `kubeadm init` has made them, so on the init node kube-vip
 * must use super-admin.conf, which exists there alone.
 */
function kubeconfig({ pod, container, env, machine: { version, init } }: VipPod): string | undefined {
  const path = env("k8s_config_file") || adminConf;
  const mount = list(container, "volumeMounts").find((each) => text(each, "mountPath") === path);
  const volume = list(pod, "spec", "volumes").find((each) => text(each, "name") === text(mount, "name"));
  const file = mount === undefined ? "" : (text(volume, "hostPath", "path") ?? "");
  if (!file.endsWith("admin.conf")) return `kube-vip has no kubeconfig from /etc/kubernetes at ${path}`;
  const isSuper = file.endsWith("super-admin.conf");
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0);
  if (init && minor >= 29 && !isSuper)
    return `kube-vip uses ${file}, which has no rights before kubeadm init has finished (Kubernetes 1.29 and later): it needs super-admin.conf on the init node`;
  return when(!init && isSuper, `kube-vip uses ${file}, which exists on the init node only`);
}

/**
 * kube-vip must reach this machine's own API server: the endpoint in admin.conf answers only once kube-vip holds it. Up to
 * v1.2.1 it connects to the host `kubernetes` by itself, from v1.2.2 on to the server in admin.conf.
 */
function apiServer({ pod, env, release, endpoint, machine }: VipPod): string | undefined {
  const takesFile = fits(release, { from: "1.2.2", below: "1000.0.0" });
  const standard = takesFile ? `${endpoint.host}:${endpoint.port}` : `kubernetes:${endpoint.port}`;
  const target = (env("kubernetes_addr") || standard).replace(/^https:\/\//, "");
  const [, host = "", port = "443"] = /^\[?(.+?)\]?(?::(\d+))?$/.exec(target) ?? [];
  if (host === endpoint.host)
    return `kube-vip v${release} connects to ${target} itself, which nothing answers before it holds the address: it needs kubernetes_addr`;
  const aliases = list(pod, "spec", "hostAliases").filter((each) => list(each, "hostnames").includes(host));
  const own = [...machine.addresses, "127.0.0.1", "::1"];
  const isAlias = aliases.some((each) => own.includes(text(each, "ip") ?? ""));
  if (!machine.addresses.includes(host) && !isAlias)
    return `kube-vip connects to ${target}, which is not this machine: no host alias leads there`;
  if (isAlias && !apiServerManifest.names.some((each) => each === host))
    return `kube-vip connects to ${target}, a name that the API server's certificate does not have`;
  return when(
    port !== apiServerManifest.port,
    `kube-vip connects to ${target}; the API server listens on ${apiServerManifest.port}`,
  );
}

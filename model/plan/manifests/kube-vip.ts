import { stringify } from "yaml";
import { type EndpointSession, endpointSessions, isEndpointByBgp } from "../../bgp/endpoint";
import { bitsOf, familyOf } from "../../net/addresses";
import type { EndpointPeer, Stack } from "../../stack/schema";
import type { ComposedText } from "../plan";

/** Where the kubelet of a control plane machine finds kube-vip's static pod. */
export const kubeVipManifest = "/etc/kubernetes/manifests/kube-vip.yaml";

/** Where kubeadm's first control plane machine keeps its configuration; machines that join have another file. */
const onInitMachine = "[ -f /run/kubeadm/kubeadm.yaml ]";

/** The command with which kube-vip uses other credentials on the first control plane machine; none without kube-vip. */
export function swapKubeVipConfig(stack: Stack, from: string, to: string): readonly string[] {
  if (stack.kubernetes.endpoint.provider !== "kube-vip") return [];
  const swap = `sed -i 's#path: /etc/kubernetes/${from}#path: /etc/kubernetes/${to}#' ${kubeVipManifest}`;
  return [`if ${onInitMachine}; then ${swap}; fi`];
}

/** The manifest of kube-vip's static pod; passwords of its BGP sessions are marks. */
export function kubeVipText(stack: Stack): string {
  // One line per value: what cloud-init fills in must not be folded.
  return stringify(kubeVipPod(stack), { lineWidth: 0 });
}

/** Where machines have the commands of sed that put the passwords into the manifest; no command line shows them. */
export const kubeVipPasswordFile = "/etc/kubernetes/kube-vip-passwords.sed";

/** The content of that file; undefined without a password. */
export function kubeVipPasswords(stack: Stack): ComposedText | undefined {
  const given = new Map(
    endpointSessions(stack).flatMap(({ peer, password }) =>
      password === undefined ? [] : [[peer, password]],
    ),
  );
  if (given.size === 0) return undefined;
  // All routers of a peer are on one line of the manifest.
  return [...given].flatMap(([peer, secret]) => [`s,${passwordMark(peer)},`, { secret }, ",g\n"]);
}

/** The command that puts the passwords into the manifest; none without a password. */
export function putKubeVipPasswords(stack: Stack): readonly string[] {
  return kubeVipPasswords(stack) === undefined ? [] : [`sed -i -f ${kubeVipPasswordFile} ${kubeVipManifest}`];
}

function passwordMark({ name }: EndpointPeer): string {
  return `<password-of-${name}>`;
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

function kubeVipPod(stack: Stack): unknown {
  const { host, port, interface: nic, kubeVipImage } = stack.kubernetes.endpoint;
  const byBgp = isEndpointByBgp(stack);
  // An address of no segment belongs on the loopback interface: there is nothing to answer ARP for.
  const vipInterface = byBgp ? "lo" : nic;
  const environment: Record<string, string> = {
    vip_arp: String(!byBgp),
    port: String(port),
    ...(vipInterface === undefined ? {} : { vip_interface: vipInterface }),
    vip_subnet: String(bitsOf(familyOf(host))),
    // The API server of this machine: the endpoint in admin.conf answers only once kube-vip holds its address. Up to
    // v1.2.1 kube-vip turns to it by default, later releases take admin.conf as it is (kube-vip v1.2.2 pkg/manager/manager.go).
    kubernetes_addr: `kubernetes:${port}`,
    cp_enable: "true",
    cp_namespace: "kube-system",
    // By BGP as well: without an election a machine that joins holds the address before its API server runs, and kubeadm reaches
    // no other one; a machine whose API server stops would go on announcing it.
    vip_leaderelection: "true",
    vip_leaseduration: "15",
    vip_renewdeadline: "10",
    vip_retryperiod: "2",
    address: host,
  };
  const variables: readonly Variable[] = [
    ...Object.entries(environment).map(([name, value]) => ({ name, value })),
    ...(byBgp ? bgpVariables(stack) : []),
  ];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "kube-vip", namespace: "kube-system" },
    spec: {
      hostNetwork: true,
      hostAliases: [{ hostnames: ["kubernetes"], ip: "127.0.0.1" }],
      containers: [
        {
          name: "kube-vip",
          image: kubeVipImage,
          args: ["manager"],
          env: variables,
          securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
          volumeMounts: [{ mountPath: "/etc/kubernetes/admin.conf", name: "kubeconfig" }],
        },
      ],
      volumes: [{ name: "kubeconfig", hostPath: { path: "/etc/kubernetes/admin.conf" } }],
    },
  };
}

function bgpVariables(stack: Stack): readonly Variable[] {
  const sessions = endpointSessions(stack);
  const value = (of: (peer: EndpointPeer) => string) => valueByRack(sessions, of);
  const peersOf = (peer: EndpointPeer) =>
    sessions
      .filter((session) => session.peer === peer)
      .map(routerText)
      .join(",");
  return [
    { name: "bgp_enable", value: "true" },
    // The kubelet knows the node's address before there is an API server (Kubernetes v1.36 pkg/kubelet/kubelet_pods.go).
    { name: "bgp_routerid", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
    { name: "bgp_as", value: value(({ localASN }) => String(localASN)) },
    { name: "bgp_hold_time", value: value(({ holdTimeSeconds }) => String(holdTimeSeconds)) },
    {
      name: "bgp_keepalive_interval",
      value: value(({ keepAliveTimeSeconds }) => String(keepAliveTimeSeconds)),
    },
    { name: "bgp_peers", value: value(peersOf) },
  ];
}

/** `address:ASN:password:multihop`, as kube-vip reads it. */
function routerText({ peer, router, address, family, password }: EndpointSession): string {
  const host = family === "ipv6" ? `[${address}]` : address;
  const secret = password === undefined ? "" : passwordMark(peer);
  return [host, router.asn, secret, peer.multihop > 1 && router.asn !== peer.localASN].join(":");
}

/** A value of every machine's peer; where peers differ, cloud-init takes that of the machine's rack when it writes the file. */
function valueByRack(sessions: readonly EndpointSession[], of: (peer: EndpointPeer) => string): string {
  const byRack = new Map(
    sessions.flatMap(({ peer, racks }) => racks.map((rack = "") => [rack, of(peer)] as const)),
  );
  const [first, ...others] = new Set(byRack.values());
  if (others.length === 0) return first ?? "";
  const entries = [...byRack].map(([rack, value]) => `${JSON.stringify(rack)}: ${JSON.stringify(value)}`);
  return `{{ {${entries.join(", ")}}[ds.meta_data.failureDomain] }}`;
}

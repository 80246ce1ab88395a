import { contains, parseCidr } from "../../net/addresses";
import type { AgentConfiguration } from "./configuration";
import { type AgentRule, when } from "./rule";

interface StrictMode {
  readonly enabled: string;
  readonly cidr: string;
  readonly remote: string;
}

const strictModes: readonly StrictMode[] = [
  {
    enabled: "enable-encryption-strict-mode",
    cidr: "encryption-strict-mode-cidr",
    remote: "encryption-strict-mode-allow-remote-node-identities",
  },
  {
    enabled: "enable-encryption-strict-mode-egress",
    cidr: "encryption-strict-egress-cidr",
    remote: "encryption-strict-egress-allow-remote-node-identities",
  },
];

/** Encryption (daemon/cmd/daemon.go, pkg/option/config.go, pkg/datapath/linux/config/config.go). */
export const encryption: readonly AgentRule[] = [
  {
    setting: "enable-wireguard",
    problem: (agent) =>
      when(agent.on("enable-wireguard") && agent.on("enable-ipsec"), "WireGuard and IPsec are both enabled"),
    fix: "keep one of the two",
  },
  {
    setting: "enable-encryption-strict-mode-ingress",
    // 1.20 accepts it with native routing too.
    minors: ["1.19"],
    problem: (agent) =>
      when(
        agent.on("enable-encryption-strict-mode-ingress") && !agent.tunnels,
        "strict encryption of incoming packets needs routingMode: tunnel",
      ),
    fix: "remove it, or write cilium.routingMode: tunnel",
  },
  {
    setting: "underlay-protocol",
    minors: ["1.18"],
    problem: (agent) =>
      when(
        agent.tunnels && agent.on("enable-wireguard") && agent.underlay === "ipv6",
        "WireGuard needs IPv4 between the nodes",
      ),
    fix: "remove it",
  },
  ...strictModes.map(
    // strict_allow in bpf/lib/encrypt.h does not check whether anything is encrypted at all.
    ({ enabled }): AgentRule => ({
      setting: enabled,
      problem: (agent) =>
        when(
          agent.on(enabled) && !agent.on("enable-wireguard") && !agent.on("enable-ipsec"),
          "nothing is encrypted, and strict mode drops packets that are not",
        ),
      fix: "write encryption.enabled: true with type: wireguard, or remove it",
    }),
  ),
  ...strictModes.map(({ enabled, cidr, remote }): AgentRule => ({
    setting: cidr,
    problem: (agent) => {
      if (!agent.on(enabled)) return undefined;
      const text = agent.text(cidr) ?? "";
      const range = parseCidr(text);
      if (range?.family !== 4) return `"${text}" is not an IPv4 range to encrypt`;
      const nodes = parseCidr(agent.nodes);
      return when(
        nodes?.family === 4 && contains(range, nodes) && !agent.on(remote),
        `${text} contains addresses of the nodes (${agent.nodes}), which could then not communicate`,
      );
    },
    fix: "write the pod network, or allowRemoteNodeIdentities: true where it must contain the nodes",
  })),
];

/** Bandwidth manager and BIG TCP (pkg/datapath/linux/bandwidth, pkg/datapath/linux/bigtcp). */
export const bandwidth: readonly AgentRule[] = [
  {
    setting: "enable-bbr",
    problem: (agent) =>
      when(
        agent.on("enable-bandwidth-manager") &&
          agent.on("enable-bbr") &&
          agent.on("enable-host-legacy-routing") &&
          !agent.on("enable-bbr-hostns-only"),
        "BBR needs BPF host routing, and bpf.hostLegacyRouting disables that",
      ),
    fix: "remove bpf.hostLegacyRouting (and write bpf.masquerade: true), or bandwidthManager.bbr",
  },
  {
    setting: "enable-bbr-hostns-only",
    problem: (agent) =>
      when(
        agent.on("enable-bandwidth-manager") && agent.on("enable-bbr-hostns-only") && !agent.on("enable-bbr"),
        "BBR for the host namespace only needs BBR",
      ),
    fix: "write bandwidthManager.bbr: true, or remove it",
  },
  ...([4, 6] as const).flatMap((family): AgentRule[] => {
    const setting = `enable-ipv${family}-big-tcp`;
    return [
      {
        setting,
        problem: (agent) =>
          when(
            agent.on(setting) && agent.on("enable-host-legacy-routing"),
            "BIG TCP needs BPF host routing, and bpf.hostLegacyRouting disables that",
          ),
        fix: "remove one of the two",
      },
      {
        setting,
        minors: ["1.18"],
        problem: (agent) => when(agent.on(setting) && agent.tunnels, "BIG TCP does not work through tunnels"),
        fix: "remove it, or write cilium.routingMode: native",
      },
      {
        setting,
        minors: ["1.19", "1.20"],
        problem: (agent) =>
          when(
            agent.on(setting) && agent.text("bpf-lb-dsr-dispatch") === "ipip",
            "BIG TCP does not work with loadBalancer.dsrDispatch: ipip",
          ),
        fix: "remove one of the two",
      },
      {
        setting,
        problem: (agent) =>
          when(agent.on(setting) && agent.on("enable-ipsec"), "BIG TCP does not work with IPsec"),
        fix: "remove it, or write encryption.type: wireguard",
      },
    ];
  }),
];

function lengths(agent: AgentConfiguration, settings: readonly string[]): readonly number[] {
  return settings.map((each) => (agent.text(each) ?? "").split(/[\s,]+/).filter(Boolean).length);
}

/** The rest of the datapath (daemon/cmd/daemon_main.go, pkg/datapath/{vtep,gneigh,tunnel}). */
export const datapath: readonly AgentRule[] = [
  {
    setting: "datapath-mode",
    problem: (agent) => {
      const mode = agent.text("datapath-mode") ?? "";
      return when(
        !["veth", "netkit", "netkit-l2", ...(agent.minor === "1.20" ? ["auto"] : [])].includes(mode),
        `"${mode}" is not a datapath of the agent`,
      );
    },
    fix: "write veth, netkit or netkit-l2",
  },
  {
    setting: "enable-bpf-tproxy",
    minors: ["1.19", "1.20"],
    problem: (agent) =>
      when(
        agent.on("enable-bpf-tproxy") && agent.text("datapath-mode")?.startsWith("netkit") === true,
        `bpf.tproxy does not work with bpf.datapathMode: ${agent.text("datapath-mode") ?? ""}`,
      ),
    fix: "remove one of the two",
  },
  {
    setting: "install-iptables-rules",
    problem: (agent) =>
      when(
        !agent.on("install-iptables-rules") &&
          ((agent.on("enable-l7-proxy") && !(agent.minor === "1.20" && agent.on("enable-bpf-tproxy"))) ||
            (agent.minor === "1.20" &&
              (agent.on("kube-proxy-replacement") || agent.on("enable-bpf-masquerade")))),
        "the L7 proxy, and from 1.20 the replacement of kube-proxy, need the rules of iptables",
      ),
    fix: "remove it",
  },
  {
    setting: "enable-srv6",
    problem: (agent) => when(agent.on("enable-srv6") && !agent.on("enable-ipv6"), "SRv6 needs IPv6"),
    fix: "remove it, or give the cluster an IPv6 pod network",
  },
  {
    setting: "fib-table-id-annotation",
    minors: ["1.20"],
    problem: (agent) =>
      when(
        agent.on("fib-table-id-annotation") && agent.on("enable-host-legacy-routing"),
        "routing tables per pod need BPF host routing, and bpf.hostLegacyRouting disables that",
      ),
    fix: "remove one of the two",
  },
  {
    setting: "underlay-protocol",
    problem: (agent) => {
      const text = agent.text("underlay-protocol") ?? "";
      const words = ["", "ipv4", "ipv6", ...(agent.minor === "1.20" ? ["auto"] : [])];
      if (!words.includes(text)) return `"${text}" is not a family of addresses between the nodes`;
      return when(
        agent.minor === "1.20" && text !== "" && !agent.on(`enable-${agent.underlay}`),
        `tunnels cannot run over ${text}, which is off in this cluster`,
      );
    },
    fix: "remove it, or write ipv4 or ipv6",
  },
  {
    setting: "tunnel-source-port-range",
    problem: (agent) => {
      const range = agent.text("tunnel-source-port-range");
      return when(
        range !== undefined && range !== "" && !/^\d{1,5}-\d{1,5}$/.test(range),
        `"${range ?? ""}" is not a range of ports`,
      );
    },
    fix: 'write it as "32768-60999", or remove it',
  },
  {
    setting: "enable-l2-pod-announcements",
    problem: (agent) =>
      when(
        agent.on("enable-l2-pod-announcements") &&
          (agent.text("l2-pod-announcements-interface-pattern") ?? "") === "" &&
          // In 1.18 the chart has a default for the older key.
          agent.minor !== "1.18",
        "the interfaces on which pods are announced are not set",
      ),
    fix: "write l2podAnnouncements.interfacePattern, or remove it",
  },
  {
    setting: "enable-vtep",
    problem: (agent) => {
      if (!agent.on("enable-vtep")) return undefined;
      // The agent starts, and its programs do not compile: those for VTEPs encapsulate.
      if (!agent.tunnels) return "VTEPs are reached through a tunnel, and routingMode is native";
      const [endpoints = 0, ...others] = lengths(agent, ["vtep-endpoint", "vtep-cidr", "vtep-mac"]);
      if (endpoints === 0) return "vtep.endpoint is empty";
      if (others.some((count) => count !== endpoints)) {
        return "vtep.endpoint, vtep.cidr and vtep.mac have different numbers of entries";
      }
      return when((agent.text("vtep-mask") ?? "") === "", "vtep.mask is empty");
    },
    fix: "write cilium.routingMode: tunnel, and one range and MAC address for each endpoint and a mask for all; or remove it",
  },
];

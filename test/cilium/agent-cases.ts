/** Values, and the keys of `cilium.values` at which an agent with them ends; none where it starts. */
export interface AgentCase {
  /** 1.19 when left out. */
  readonly minor?: "1.18" | "1.19" | "1.20";
  readonly routingMode?: "native" | "tunnel";
  readonly tunnelProtocol?: "vxlan" | "geneve";
  readonly ipv6?: boolean;
  readonly values: Readonly<Record<string, unknown>>;
  readonly refused: readonly string[];
  /** The program that refuses; the agent when left out. */
  readonly program?: "cilium-operator-generic";
}

/** The Helm values of a case, with what the stack file writes outside of `cilium.values`. */
export function helmValuesOf({ values, routingMode, tunnelProtocol, ipv6 }: AgentCase) {
  return {
    ...values,
    ...(routingMode === undefined ? {} : { routingMode }),
    ...(tunnelProtocol === undefined ? {} : { tunnelProtocol }),
    ...(ipv6 === true ? { ipv6: { enabled: true }, ipv6NativeRoutingCIDR: "fd00:10:244::/56" } : {}),
  };
}

const bpf = { masquerade: true };
const wireguard = { enabled: true, type: "wireguard" };
const vtep = {
  enabled: true,
  endpoint: "192.0.2.1",
  cidr: "198.51.100.0/24",
  mac: "02:00:00:00:00:01",
  mask: "255.255.255.0",
};

/** By what is set, as a person would say it. Seen with agents of 1.19.5 where the sentence ends with (seen). */
export const agentCases: Readonly<Record<string, AgentCase>> = {
  "nothing of the user's": { values: {}, refused: [] },
  "BPF masquerading": { values: { bpf }, refused: [] },
  "BPF masquerading with interfaces (seen)": {
    values: { bpf, egressMasqueradeInterfaces: "eno1" },
    refused: ["egressMasqueradeInterfaces"],
  },
  "interfaces with masquerading by iptables": { values: { egressMasqueradeInterfaces: "eno1" }, refused: [] },
  "BPF masquerading of a family that is off (seen)": {
    values: { bpf, enableIPv4Masquerade: false },
    refused: ["bpf.masquerade"],
  },
  "BPF masquerading of IPv6 alone in a cluster of both families": {
    ipv6: true,
    values: { bpf, enableIPv4Masquerade: false },
    refused: [],
  },
  "BPF masquerading from the route's source": {
    values: { bpf, enableMasqueradeRouteSource: true },
    refused: ["enableMasqueradeRouteSource"],
  },
  "the masquerading agent without BPF": {
    values: { ipMasqAgent: { enabled: true } },
    refused: ["ipMasqAgent.enabled"],
  },
  "the masquerading agent with BPF": { values: { bpf, ipMasqAgent: { enabled: true } }, refused: [] },
  "masquerading towards nodes and of one pool, by settings of their own": {
    values: {
      extraConfig: { "enable-remote-node-masquerade": "true", "only-masquerade-default-pool": "true" },
    },
    refused: ["extraConfig.enable-remote-node-masquerade", "extraConfig.only-masquerade-default-pool"],
  },
  "the same in 1.20": {
    minor: "1.20",
    values: {
      extraConfig: { "enable-remote-node-masquerade": "true", "only-masquerade-default-pool": "true" },
    },
    refused: ["extraConfig.enable-remote-node-masquerade", "extraConfig.only-masquerade-default-pool"],
  },
  "no connection tracking with iptables masquerading": {
    values: { installNoConntrackIptablesRules: true },
    refused: ["installNoConntrackIptablesRules"],
  },
  "no connection tracking with BPF masquerading": {
    values: { bpf, installNoConntrackIptablesRules: true },
    refused: [],
  },
  "no connection tracking in a tunnel": {
    routingMode: "tunnel",
    values: { bpf, installNoConntrackIptablesRules: true },
    refused: ["installNoConntrackIptablesRules"],
  },
  "no connection tracking with kube-proxy": {
    values: { bpf, kubeProxyReplacement: false, installNoConntrackIptablesRules: true },
    refused: ["installNoConntrackIptablesRules"],
  },
  "an egress gateway with iptables masquerading (seen)": {
    values: { egressGateway: { enabled: true } },
    refused: ["egressGateway.enabled"],
  },
  "an egress gateway with BPF masquerading": {
    values: { bpf, egressGateway: { enabled: true } },
    refused: [],
  },
  "an egress gateway with CiliumEndpointSlices": {
    values: { bpf, egressGateway: { enabled: true }, ciliumEndpointSlice: { enabled: true } },
    refused: ["ciliumEndpointSlice.enabled"],
  },
  "an egress gateway with identities in etcd": {
    values: { bpf, egressGateway: { enabled: true }, identityAllocationMode: "kvstore" },
    refused: ["identityAllocationMode"],
  },
  "an egress gateway over IPv6": {
    values: { bpf, egressGateway: { enabled: true }, underlayProtocol: "ipv6" },
    refused: ["underlayProtocol"],
  },
  "an egress gateway over IPv6 in 1.20": {
    minor: "1.20",
    ipv6: true,
    values: { bpf, egressGateway: { enabled: true }, underlayProtocol: "ipv6" },
    refused: ["underlayProtocol"],
  },
  "words of load balancing that are none": {
    values: { loadBalancer: { mode: "nat", algorithm: "round-robin", acceleration: "xdp" } },
    refused: ["loadBalancer.acceleration", "loadBalancer.algorithm", "loadBalancer.mode"],
  },
  "a dispatch that is none, in 1.20": {
    minor: "1.20",
    values: { loadBalancer: { mode: "dsr", dsrDispatch: "gre" } },
    refused: ["loadBalancer.dsrDispatch"],
  },
  "a Maglev table of 65536 (seen)": {
    values: { maglev: { tableSize: 65_536 } },
    refused: ["maglev.tableSize"],
  },
  "a Maglev table of 65521 (seen)": {
    values: { loadBalancer: { algorithm: "maglev" }, maglev: { tableSize: 65_521 } },
    refused: [],
  },
  "a Maglev seed of 16 bytes": {
    values: { maglev: { hashSeed: "JLfvgnHc2kaSUFaIJLfvgg==" } },
    refused: ["maglev.hashSeed"],
  },
  "a Maglev seed that is no base64": {
    values: { maglev: { hashSeed: "a seed" } },
    refused: ["maglev.hashSeed"],
  },
  "a Maglev seed of 12 bytes": { values: { maglev: { hashSeed: "JLfvgnHc2kaSUFaI" } }, refused: [] },
  "no room for services": { values: { bpf: { lbMapMax: 0 } }, refused: ["bpf.lbMapMax"] },
  "a range of node ports that is reversed": {
    values: { nodePort: { range: "32767,30000" } },
    refused: ["nodePort.range"],
  },
  "a range of node ports": { values: { nodePort: { range: "30000,32767" } }, refused: [] },
  "a mode per service over hybrid": {
    values: { bpf: { lbModeAnnotation: true }, loadBalancer: { mode: "hybrid" } },
    refused: ["bpf.lbModeAnnotation"],
  },
  "NAT between families in a cluster of one": {
    values: { nat46x64Gateway: { enabled: true } },
    refused: ["nat46x64Gateway.enabled"],
  },
  "direct server return with native routing (seen)": {
    values: { loadBalancer: { mode: "dsr" } },
    refused: [],
  },
  "direct server return in VXLAN": {
    routingMode: "tunnel",
    values: { loadBalancer: { mode: "dsr" } },
    refused: ["loadBalancer.mode"],
  },
  "a mode per service in VXLAN": {
    routingMode: "tunnel",
    values: { bpf: { lbModeAnnotation: true } },
    refused: ["loadBalancer.mode"],
  },
  "direct server return in geneve": {
    routingMode: "tunnel",
    tunnelProtocol: "geneve",
    values: { loadBalancer: { mode: "dsr", dsrDispatch: "geneve" } },
    refused: [],
  },
  "direct server return by geneve with native routing": {
    tunnelProtocol: "geneve",
    values: { loadBalancer: { mode: "dsr", dsrDispatch: "geneve" } },
    refused: [],
  },
  "direct server return by geneve while tunnels are VXLAN": {
    values: { loadBalancer: { mode: "hybrid", dsrDispatch: "geneve" } },
    refused: ["loadBalancer.dsrDispatch"],
  },
  "direct server return by IPIP without XDP, in 1.18": {
    minor: "1.18",
    values: { loadBalancer: { mode: "dsr", dsrDispatch: "ipip" } },
    refused: ["loadBalancer.dsrDispatch"],
  },
  "direct server return by IPIP without XDP": {
    values: { loadBalancer: { mode: "dsr", dsrDispatch: "ipip" } },
    refused: [],
  },
  "XDP with tunnels over IPv6": {
    routingMode: "tunnel",
    values: { underlayProtocol: "ipv6", loadBalancer: { acceleration: "native" } },
    refused: ["loadBalancer.acceleration"],
  },
  WireGuard: { values: { encryption: { ...wireguard, nodeEncryption: true } }, refused: [] },
  "WireGuard and IPsec": {
    values: { encryption: wireguard, extraConfig: { "enable-ipsec": "true" } },
    refused: ["encryption.type"],
  },
  "WireGuard over IPv6, in 1.18": {
    minor: "1.18",
    routingMode: "tunnel",
    values: { encryption: wireguard, underlayProtocol: "ipv6" },
    refused: ["underlayProtocol"],
  },
  "strict ingress encryption with native routing": {
    values: { encryption: { ...wireguard, strictMode: { ingress: { enabled: true } } } },
    refused: ["encryption.strictMode.ingress.enabled"],
  },
  "strict ingress encryption in a tunnel": {
    routingMode: "tunnel",
    values: { encryption: { ...wireguard, strictMode: { ingress: { enabled: true } } } },
    refused: [],
  },
  "strict ingress encryption with native routing, in 1.20": {
    minor: "1.20",
    values: { encryption: { ...wireguard, strictMode: { ingress: { enabled: true } } } },
    refused: [],
  },
  "strict encryption of no range": {
    values: { encryption: { ...wireguard, strictMode: { egress: { enabled: true } } } },
    refused: ["encryption.strictMode.egress.cidr"],
  },
  "strict encryption of no range, by the older keys": {
    values: { encryption: { ...wireguard, strictMode: { enabled: true } } },
    refused: ["encryption.strictMode.cidr"],
  },
  "strict encryption of an IPv6 range, in 1.18": {
    minor: "1.18",
    values: { encryption: { ...wireguard, strictMode: { enabled: true, cidr: "fd00::/8" } } },
    refused: ["encryption.strictMode.cidr"],
  },
  "strict encryption of the pods": {
    values: {
      encryption: { ...wireguard, strictMode: { egress: { enabled: true, cidr: "10.244.0.0/16" } } },
    },
    refused: [],
  },
  "strict encryption without encryption": {
    values: { encryption: { strictMode: { egress: { enabled: true, cidr: "10.244.0.0/16" } } } },
    refused: ["encryption.strictMode.egress.enabled"],
  },
  "strict encryption without encryption, in 1.18": {
    minor: "1.18",
    values: { encryption: { strictMode: { enabled: true, cidr: "10.244.0.0/16" } } },
    refused: ["encryption.strictMode.enabled"],
  },
  "strict encryption of a range that holds the nodes": {
    values: { encryption: { ...wireguard, strictMode: { egress: { enabled: true, cidr: "10.0.0.0/8" } } } },
    refused: ["encryption.strictMode.egress.cidr"],
  },
  "strict encryption of a range that holds the nodes, with identities of other nodes": {
    values: {
      encryption: {
        ...wireguard,
        strictMode: { egress: { enabled: true, cidr: "10.0.0.0/8", allowRemoteNodeIdentities: true } },
      },
    },
    refused: [],
  },
  "BBR with legacy host routing": {
    values: { bandwidthManager: { enabled: true, bbr: true }, bpf: { hostLegacyRouting: true } },
    refused: ["bandwidthManager.bbr"],
  },
  "BBR with legacy host routing while the bandwidth manager is off": {
    values: { bandwidthManager: { bbr: true }, bpf: { hostLegacyRouting: true } },
    refused: [],
  },
  "BBR for the host with legacy host routing": {
    values: {
      bandwidthManager: { enabled: true, bbr: true, bbrHostNamespaceOnly: true },
      bpf: { hostLegacyRouting: true },
    },
    refused: [],
  },
  "BBR behind another CNI plugin, which switches host routing to legacy": {
    values: { bandwidthManager: { enabled: true, bbr: true }, cni: { chainingMode: "portmap" } },
    refused: ["bandwidthManager.bbr"],
  },
  "BBR for the host alone, without BBR": {
    values: { bandwidthManager: { enabled: true, bbrHostNamespaceOnly: true } },
    refused: ["bandwidthManager.bbrHostNamespaceOnly"],
  },
  "BIG TCP with legacy host routing": {
    values: { enableIPv4BIGTCP: true, enableIPv6BIGTCP: true, bpf: { hostLegacyRouting: true } },
    refused: ["enableIPv4BIGTCP", "enableIPv6BIGTCP"],
  },
  "BIG TCP in a tunnel, in 1.18": {
    minor: "1.18",
    routingMode: "tunnel",
    values: { enableIPv4BIGTCP: true, enableIPv6BIGTCP: true },
    refused: ["enableIPv4BIGTCP", "enableIPv6BIGTCP"],
  },
  "BIG TCP": { values: { enableIPv4BIGTCP: true }, refused: [] },
  "BIG TCP with IPIP and IPsec": {
    values: {
      enableIPv4BIGTCP: true,
      enableIPv6BIGTCP: true,
      loadBalancer: { dsrDispatch: "ipip" },
      encryption: { enabled: true },
    },
    refused: ["enableIPv4BIGTCP", "enableIPv4BIGTCP", "enableIPv6BIGTCP", "enableIPv6BIGTCP"],
  },
  "BIG TCP with IPIP, in 1.20": {
    minor: "1.20",
    values: { enableIPv4BIGTCP: true, enableIPv6BIGTCP: true, loadBalancer: { dsrDispatch: "ipip" } },
    refused: ["enableIPv4BIGTCP", "enableIPv6BIGTCP"],
  },
  "tunnels over a family that is none": {
    values: { underlayProtocol: "auto" },
    refused: ["underlayProtocol"],
  },
  "tunnels over a family that is off, in 1.20": {
    minor: "1.20",
    values: { underlayProtocol: "ipv6" },
    refused: ["underlayProtocol"],
  },
  "a family and a datapath that the agent chooses, in 1.20": {
    minor: "1.20",
    values: { underlayProtocol: "auto", bpf: { datapathMode: "auto" } },
    refused: [],
  },
  "a datapath that is none": { values: { bpf: { datapathMode: "ipvlan" } }, refused: ["bpf.datapathMode"] },
  "the transparent proxy over netkit": {
    values: { bpf: { datapathMode: "netkit", tproxy: true } },
    refused: ["bpf.tproxy"],
  },
  "the transparent proxy over netkit, in 1.20": {
    minor: "1.20",
    values: { bpf: { datapathMode: "netkit-l2", tproxy: true } },
    refused: ["bpf.tproxy"],
  },
  "no rules of iptables": {
    values: { extraConfig: { "install-iptables-rules": "false" } },
    refused: ["extraConfig.install-iptables-rules"],
  },
  "no rules of iptables and no L7 proxy": {
    values: { l7Proxy: false, extraConfig: { "install-iptables-rules": "false" } },
    refused: [],
  },
  "no rules of iptables and no L7 proxy, in 1.20": {
    minor: "1.20",
    values: { l7Proxy: false, extraConfig: { "install-iptables-rules": "false" } },
    refused: ["extraConfig.install-iptables-rules"],
  },
  "SRv6 without IPv6": {
    values: { extraConfig: { "enable-srv6": "true" } },
    refused: ["extraConfig.enable-srv6"],
  },
  "routing tables per pod with legacy host routing": {
    minor: "1.20",
    values: { bpf: { hostLegacyRouting: true }, extraConfig: { "fib-table-id-annotation": "true" } },
    refused: ["extraConfig.fib-table-id-annotation"],
  },
  "one source port for tunnels": {
    values: { tunnelSourcePortRange: "40000" },
    refused: ["tunnelSourcePortRange"],
  },
  "pods announced on no interface": {
    values: { l2podAnnouncements: { enabled: true } },
    refused: ["l2podAnnouncements.enabled"],
  },
  "a VTEP without a MAC address": { values: { vtep: { ...vtep, mac: "" } }, refused: ["vtep.enabled"] },
  "a VTEP": { values: { vtep }, refused: [] },
  "tables that are too small": {
    values: { bpf: { authMapMax: 100, ctTcpMax: 1000, ctAnyMax: 1000, natMax: 1000 } },
    refused: ["bpf.authMapMax", "bpf.ctAnyMax", "bpf.ctTcpMax", "bpf.natMax"],
  },
  "more translations than connections": {
    values: { bpf: { ctTcpMax: 65_536, ctAnyMax: 65_536, natMax: 262_144 } },
    refused: ["bpf.natMax"],
  },
  "zero, which leaves sizes to the agent": { values: { bpf: { ctTcpMax: 0, natMax: 0 } }, refused: [] },
  "tables of twice the memory": {
    values: { bpf: { mapDynamicSizeRatio: 2 } },
    refused: ["bpf.mapDynamicSizeRatio"],
  },
  "a rate without a burst": {
    values: { bpf: { events: { default: { rateLimit: 100 } } } },
    refused: ["bpf.events.default.rateLimit"],
  },
  "words that are none": {
    values: {
      bpf: { monitorAggregation: "much" },
      serviceNoBackendResponse: "ignore",
      policyDenyResponse: "tcp",
      pmtuDiscovery: { packetizationLayerPMTUDMode: "sometimes" },
    },
    refused: [
      "bpf.monitorAggregation",
      "pmtuDiscovery.packetizationLayerPMTUDMode",
      "policyDenyResponse",
      "serviceNoBackendResponse",
    ],
  },
  "words that are none, in 1.20": {
    minor: "1.20",
    values: { policyDenyResponse: "tcp", pmtuDiscovery: { packetizationLayerPMTUDMode: "sometimes" } },
    refused: ["pmtuDiscovery.packetizationLayerPMTUDMode", "policyDenyResponse"],
  },
  "a VLAN by its name": { values: { bpf: { vlanBypass: ["bond0.184"] } }, refused: ["bpf.vlanBypass"] },
  "VLANs by their numbers": { values: { bpf: { vlanBypass: [184, 185] } }, refused: [] },
  "endpoints that are never collected": {
    program: "cilium-operator-generic",
    values: { operator: { endpointGCInterval: "0s" } },
    refused: ["operator.endpointGCInterval"],
  },
};

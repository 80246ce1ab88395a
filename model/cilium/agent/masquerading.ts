import { type AgentRule, when } from "./rule";

/** Masquerading (daemon/cmd/daemon.go, daemon_main.go and pkg/ipam/cell of 1.18.4, 1.19.5 and 1.20.2). */
export const masquerading: readonly AgentRule[] = [
  {
    setting: "enable-bpf-masquerade",
    problem: (agent) =>
      when(
        agent.on("enable-bpf-masquerade") && !agent.masquerades,
        "masquerading is disabled for every address family of the cluster",
      ),
    fix: "remove it, or remove enableIPv4Masquerade and enableIPv6Masquerade: false",
  },
  {
    setting: "egress-masquerade-interfaces",
    problem: (agent) => {
      const interfaces = agent.text("egress-masquerade-interfaces") ?? "";
      return when(
        agent.on("enable-bpf-masquerade") && agent.masquerades && interfaces !== "",
        `${interfaces} is not accepted together with bpf.masquerade: true`,
      );
    },
    fix: "remove it; with bpf.masquerade, devices in cilium.values chooses the interfaces",
  },
  {
    setting: "enable-masquerade-to-route-source",
    problem: (agent) =>
      when(
        agent.on("enable-bpf-masquerade") && agent.on("enable-masquerade-to-route-source"),
        "bpf.masquerade cannot use the route's source address",
      ),
    fix: "remove one of the two",
  },
  {
    setting: "enable-ip-masq-agent",
    problem: (agent) =>
      when(
        agent.on("enable-ip-masq-agent") && !agent.on("enable-bpf-masquerade"),
        "the masquerading agent needs bpf.masquerade",
      ),
    fix: "write bpf.masquerade: true, or remove it",
  },
  {
    setting: "enable-remote-node-masquerade",
    minors: ["1.19", "1.20"],
    problem: (agent) =>
      when(
        agent.on("enable-remote-node-masquerade") && !agent.on("enable-bpf-masquerade"),
        "masquerading to other nodes needs bpf.masquerade",
      ),
    fix: "write bpf.masquerade: true, or remove it",
  },
  {
    setting: "only-masquerade-default-pool",
    minors: ["1.19", "1.20"],
    problem: (agent) =>
      when(
        agent.on("only-masquerade-default-pool") && !agent.on("enable-bpf-masquerade"),
        "masquerading of the default pool only needs bpf.masquerade",
      ),
    fix: "write bpf.masquerade: true, or remove it",
  },
];

/** Rules of iptables without connection tracking (daemon_main.go; pkg/kpr/initializer, in 1.18 daemon/cmd). */
export const conntrackRules: readonly AgentRule[] = [
  {
    setting: "install-no-conntrack-iptables-rules",
    problem: (agent) => {
      if (!agent.on("install-no-conntrack-iptables-rules")) return undefined;
      const missing = [
        ...(agent.tunnels ? ["routingMode: native"] : []),
        ...(agent.on("enable-ipv4") ? [] : ["an IPv4 pod network"]),
        ...(agent.on("kube-proxy-replacement") ? [] : ["kubeProxyReplacement: true"]),
        ...(agent.masquerades && !agent.on("enable-bpf-masquerade") ? ["bpf.masquerade: true"] : []),
      ];
      return when(
        missing.length > 0,
        `packets can bypass connection tracking only with ${missing.join(" and ")}`,
      );
    },
    fix: "write what is missing (bpf.masquerade: true in cilium.values in most cases), or remove it",
  },
];

/** The egress gateway (pkg/egressgateway/manager.go). */
export const egressGateway: readonly AgentRule[] = [
  {
    setting: "enable-egress-gateway",
    problem: (agent) =>
      when(
        agent.on("enable-egress-gateway") &&
          !(
            agent.on("enable-ipv4") &&
            agent.on("enable-ipv4-masquerade") &&
            agent.on("enable-bpf-masquerade")
          ),
        "the egress gateway needs BPF masquerading of IPv4",
      ),
    fix: "write bpf.masquerade: true and leave enableIPv4Masquerade on, or remove it",
  },
  {
    setting: "enable-cilium-endpoint-slice",
    problem: (agent) =>
      when(
        agent.on("enable-egress-gateway") && agent.on("enable-cilium-endpoint-slice"),
        "the egress gateway does not work with CiliumEndpointSlices",
      ),
    fix: "remove it, or egressGateway.enabled",
  },
  {
    setting: "identity-allocation-mode",
    // Without a store of its own the agent keeps identities in objects, whatever is set (pkg/option/config.go).
    problem: (agent) =>
      when(
        agent.on("enable-egress-gateway") &&
          (agent.text("kvstore") ?? "") !== "" &&
          agent.text("identity-allocation-mode") !== "crd",
        `the egress gateway needs identities in objects, not "${agent.text("identity-allocation-mode") ?? ""}"`,
      ),
    fix: "write crd, or remove egressGateway.enabled",
  },
  {
    setting: "underlay-protocol",
    minors: ["1.19", "1.20"],
    problem: (agent) =>
      when(
        agent.on("enable-egress-gateway") && agent.underlay === "ipv6",
        "the egress gateway needs IPv4 between the nodes",
      ),
    fix: "remove it, or egressGateway.enabled",
  },
];

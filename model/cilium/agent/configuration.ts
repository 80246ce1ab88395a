import { field, isMap } from "../../kubernetes/object";

/** Keys of cilium-config that rules read, and the key of `cilium.values` from which the charts 1.18 to 1.20 render each. */
const charted: Readonly<Record<string, string>> = {
  "bpf-auth-map-max": "bpf.authMapMax",
  "bpf-ct-global-any-max": "bpf.ctAnyMax",
  "bpf-ct-global-tcp-max": "bpf.ctTcpMax",
  "bpf-distributed-lru": "bpf.distributedLRU.enabled",
  "bpf-events-default-burst-limit": "bpf.events.default.burstLimit",
  "bpf-events-default-rate-limit": "bpf.events.default.rateLimit",
  "bpf-lb-acceleration": "loadBalancer.acceleration",
  "bpf-lb-algorithm": "loadBalancer.algorithm",
  "bpf-lb-dsr-dispatch": "loadBalancer.dsrDispatch",
  "bpf-lb-maglev-hash-seed": "maglev.hashSeed",
  "bpf-lb-maglev-table-size": "maglev.tableSize",
  "bpf-lb-map-max": "bpf.lbMapMax",
  "bpf-lb-mode": "loadBalancer.mode",
  "bpf-lb-mode-annotation": "bpf.lbModeAnnotation",
  "bpf-map-dynamic-size-ratio": "bpf.mapDynamicSizeRatio",
  "bpf-nat-global-max": "bpf.natMax",
  "cilium-endpoint-gc-interval": "operator.endpointGCInterval",
  "datapath-mode": "bpf.datapathMode",
  "egress-masquerade-interfaces": "egressMasqueradeInterfaces",
  "enable-bandwidth-manager": "bandwidthManager.enabled",
  "enable-bbr": "bandwidthManager.bbr",
  "enable-bbr-hostns-only": "bandwidthManager.bbrHostNamespaceOnly",
  "enable-bpf-masquerade": "bpf.masquerade",
  "enable-bpf-tproxy": "bpf.tproxy",
  "enable-cilium-endpoint-slice": "ciliumEndpointSlice.enabled",
  "enable-egress-gateway": "egressGateway.enabled",
  "enable-host-legacy-routing": "bpf.hostLegacyRouting",
  "enable-ip-masq-agent": "ipMasqAgent.enabled",
  "enable-ipv4": "ipv4.enabled",
  "enable-ipv4-big-tcp": "enableIPv4BIGTCP",
  "enable-ipv4-masquerade": "enableIPv4Masquerade",
  "enable-ipv6": "ipv6.enabled",
  "enable-ipv6-big-tcp": "enableIPv6BIGTCP",
  "enable-ipv6-masquerade": "enableIPv6Masquerade",
  "enable-l2-pod-announcements": "l2podAnnouncements.enabled",
  "enable-l7-proxy": "l7Proxy",
  "enable-masquerade-to-route-source": "enableMasqueradeRouteSource",
  "enable-nat46x64-gateway": "nat46x64Gateway.enabled",
  "enable-vtep": "vtep.enabled",
  "identity-allocation-mode": "identityAllocationMode",
  "install-no-conntrack-iptables-rules": "installNoConntrackIptablesRules",
  "kube-proxy-replacement": "kubeProxyReplacement",
  "l2-pod-announcements-interface": "l2podAnnouncements.interface",
  "l2-pod-announcements-interface-pattern": "l2podAnnouncements.interfacePattern",
  "monitor-aggregation": "bpf.monitorAggregation",
  "node-port-range": "nodePort.range",
  "packetization-layer-pmtud-mode": "pmtuDiscovery.packetizationLayerPMTUDMode",
  "policy-deny-response": "policyDenyResponse",
  "routing-mode": "routingMode",
  "service-no-backend-response": "serviceNoBackendResponse",
  "tunnel-protocol": "tunnelProtocol",
  "tunnel-source-port-range": "tunnelSourcePortRange",
  "underlay-protocol": "underlayProtocol",
  "vlan-bpf-bypass": "bpf.vlanBypass",
  "vtep-cidr": "vtep.cidr",
  "vtep-endpoint": "vtep.endpoint",
  "vtep-mac": "vtep.mac",
  "vtep-mask": "vtep.mask",
};

/** Strict encryption: one set of keys in 1.18; 1.19 reads the old values into the new keys, 1.20 only the new values. */
const strictCharted: Readonly<Record<string, string>> = {
  "enable-encryption-strict-mode": "encryption.strictMode.enabled",
  "encryption-strict-mode-cidr": "encryption.strictMode.cidr",
  "encryption-strict-mode-allow-remote-node-identities": "encryption.strictMode.allowRemoteNodeIdentities",
  "enable-encryption-strict-mode-egress": "encryption.strictMode.egress.enabled",
  "encryption-strict-egress-cidr": "encryption.strictMode.egress.cidr",
  "encryption-strict-egress-allow-remote-node-identities":
    "encryption.strictMode.egress.allowRemoteNodeIdentities",
  "enable-encryption-strict-mode-ingress": "encryption.strictMode.ingress.enabled",
  "enable-wireguard": "encryption.type",
  "enable-ipsec": "encryption.type",
  "encrypt-node": "encryption.nodeEncryption",
};

/** What the agent takes where cilium-config is silent and the charts render nothing (flags of 1.18.4 to 1.20.2). */
const defaults: Readonly<Record<string, string>> = {
  "bpf-lb-acceleration": "disabled",
  "bpf-lb-algorithm": "random",
  "bpf-lb-dsr-dispatch": "opt",
  "bpf-lb-mode": "snat",
  "datapath-mode": "veth",
  "enable-ipv4": "true",
  "enable-ipv4-masquerade": "true",
  "enable-ipv6-masquerade": "true",
  "enable-l7-proxy": "true",
  "identity-allocation-mode": "crd",
  "install-iptables-rules": "true",
  "routing-mode": "tunnel",
  "tunnel-protocol": "vxlan",
};

type Values = Readonly<Record<string, unknown>>;

/** What an agent reads at its start, as rules read it; from the stack's values, or from a render. */
export class AgentConfiguration {
  constructor(
    /** `1.19`. */
    readonly minor: string,
    /** network.nodes, where agents have their addresses. */
    readonly nodes: string,
    private readonly settings: Readonly<Record<string, string>>,
    private readonly values: Values,
  ) {}

  /** The settings that are set. */
  get given(): readonly string[] {
    return Object.keys(this.settings);
  }

  /** A setting as text, or the agent's default; undefined where it has none. */
  text(setting: string): string | undefined {
    return this.settings[setting] ?? defaults[setting];
  }

  /** As the agent's configuration library reads a boolean. */
  on(setting: string): boolean {
    return /^(1|t|true)$/i.test(this.text(setting) ?? "");
  }

  /** Undefined where nothing, or no number, is set. */
  number(setting: string): number | undefined {
    const text = this.text(setting);
    return text === undefined || text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
  }

  get tunnels(): boolean {
    return this.text("routing-mode") !== "native";
  }

  /** The family between the nodes; 1.20 chooses one itself (pkg/datapath/tunnel/tunnel.go). */
  get underlay(): string {
    const text = this.text("underlay-protocol") ?? (this.minor === "1.20" ? "auto" : "ipv4");
    return text !== "auto" ? text : this.on("enable-ipv4") ? "ipv4" : "ipv6";
  }

  /** Families that are off do not count (pkg/option/config.go). */
  get masquerades(): boolean {
    return ([4, 6] as const).some(
      (family) => this.on(`enable-ipv${family}`) && this.on(`enable-ipv${family}-masquerade`),
    );
  }

  /** The key of `cilium.values` that sets a setting here. */
  keyOf(setting: string): string {
    const extra = field(this.values, "extraConfig");
    if (isMap(extra) && Object.hasOwn(extra, setting)) return `extraConfig.${setting}`;
    const old = setting.replace("strict-egress-", "strict-mode-").replace(/-mode-egress$/, "-mode");
    const strict = strictCharted[setting];
    if (strict !== undefined) {
      const isOld = this.minor === "1.19" && isSet(field(this.values, "encryption", "strictMode", "enabled"));
      return (isOld ? strictCharted[old] : undefined) ?? strict;
    }
    return charted[setting] ?? `extraConfig.${setting}`;
  }
}

/** The configuration that a render holds: the data of its cilium-config. */
export function renderedConfiguration(
  data: Values,
  { minor, nodes, values }: { readonly minor: string; readonly nodes: string; readonly values: Values },
): AgentConfiguration {
  const texts = Object.entries(data).map(([key, value]) => [key, asText(value)] as const);
  return new AgentConfiguration(minor, nodes, Object.fromEntries(texts), values);
}

/**
 * The configuration that the chart will render from Helm values, as far as rules read it: without running the chart, so
 * that a stack file alone can be judged. The rendered one is judged by the same rules (render/agent-starts).
 */
export function plannedConfiguration(values: Values, minor: string, nodes: string): AgentConfiguration {
  const settings: Record<string, string> = {};
  const take = (setting: string, path: string) => {
    const value = field(values, ...path.split("."));
    if (value !== undefined && value !== null) settings[setting] = asText(value);
  };
  const given = (path: string) => isSet(field(values, ...path.split(".")));
  for (const [setting, path] of Object.entries(charted)) take(setting, path);
  // Renders only below an enabled feature, or only where a value is not empty.
  if (!given("bandwidthManager.enabled")) {
    delete settings["enable-bbr"];
    delete settings["enable-bbr-hostns-only"];
  }
  if (!["none", undefined, null].includes(field(values, "cni", "chainingMode") as string | undefined)) {
    settings["enable-host-legacy-routing"] ??= "true";
    delete settings["install-no-conntrack-iptables-rules"];
  }
  for (const setting of zeroIsLeftOut) if (Number(settings[setting]) === 0) delete settings[setting];
  if (given("etcd.enabled")) settings["kvstore"] = "etcd";
  if (given("encryption.enabled")) {
    const type = field(values, "encryption", "type") ?? "ipsec";
    if (type === "wireguard" || type === "ipsec") settings[`enable-${asText(type)}`] = "true";
    if (given("encryption.nodeEncryption")) settings["encrypt-node"] = "true";
  }
  if (given("encryption.strictMode.enabled") && minor !== "1.20") {
    const [mode, prefix] = minor === "1.18" ? ["", "mode"] : ["-egress", "egress"];
    settings[`enable-encryption-strict-mode${mode}`] = "true";
    settings[`encryption-strict-${prefix}-cidr`] = "";
    take(`encryption-strict-${prefix}-cidr`, "encryption.strictMode.cidr");
    take(
      `encryption-strict-${prefix}-allow-remote-node-identities`,
      "encryption.strictMode.allowRemoteNodeIdentities",
    );
  }
  if (minor !== "1.18") {
    if (given("encryption.strictMode.ingress.enabled"))
      settings["enable-encryption-strict-mode-ingress"] = "true";
    if (given("encryption.strictMode.egress.enabled")) {
      for (const setting of Object.keys(strictCharted).filter((each) => each.includes("egress"))) {
        take(setting, strictCharted[setting] ?? "");
      }
    }
  }
  const extra = field(values, "extraConfig");
  const extras = isMap(extra)
    ? Object.entries(extra).map(([key, value]) => [key, asText(value)] as const)
    : [];
  return new AgentConfiguration(minor, nodes, { ...settings, ...Object.fromEntries(extras) }, values);
}

/** The charts render these only when they are not zero. */
const zeroIsLeftOut = [
  "bpf-auth-map-max",
  "bpf-ct-global-any-max",
  "bpf-ct-global-tcp-max",
  "bpf-events-default-burst-limit",
  "bpf-events-default-rate-limit",
  "bpf-map-dynamic-size-ratio",
  "bpf-nat-global-max",
];

function isSet(value: unknown): boolean {
  return value === true || (typeof value === "string" && value !== "" && value !== "false");
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(" ");
  return typeof value === "string" ? value : typeof value === "object" ? "" : String(value);
}

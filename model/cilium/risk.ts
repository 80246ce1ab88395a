import { openedBy } from "./exposure";

/** A risk and its reason, as a table of changes shows them. */
export interface SettingRisk {
  readonly risk: Risk;
  readonly why: string;
}

/**
 * The risk of a change of one key of cilium-config; undefined is a missing key. Nothing happens before
 * the pods restart: the agent reads its settings once. A key that is not known counts as the worst that settings mostly do.
 * Source: the agent's and the operator's options of 1.18 to 1.20, and renders with one value changed.
 */
export function riskOf(key: string, before: string | undefined, after: string | undefined): SettingRisk {
  const special = specialCase(key, before, after);
  if (special !== undefined) return special;
  const found = classes.find(({ keys, pattern }) => keys.includes(key) || pattern?.test(key) === true);
  return found === undefined
    ? { risk: "restarts the datapath", why: "this key is not known here, so the worst is assumed" }
    : { risk: found.risk, why: found.why };
}

/** Is the key one that {@link riskOf} knows? */
export function isClassified(key: string): boolean {
  return (
    specialCase(key, undefined, undefined) !== undefined ||
    classes.some(({ keys, pattern }) => keys.includes(key) || pattern?.test(key) === true)
  );
}

/** Flags of features that cannot be switched off since 1.19. */
const alwaysOn = ["enable-svc-source-range-check", "enable-internal-traffic-policy", "enable-node-port"];

function specialCase(
  key: string,
  before: string | undefined,
  after: string | undefined,
): SettingRisk | undefined {
  const opened = openedBy(key, before, after);
  if (opened !== undefined) return { risk: "opens access", why: opened };
  if (alwaysOn.includes(key)) {
    return [before, after].includes("false")
      ? {
          risk: "restarts the datapath",
          why: "service rules are rebuilt; since 1.19 the feature is always on",
        }
      : { risk: "cosmetic", why: "only the flag comes or goes; the feature stays on" };
  }
  if (key.startsWith("vtep-") || key === "enable-vtep") {
    const idle = [before, after].every((value) => value === undefined || value === "" || value === "false");
    return idle
      ? { risk: "cosmetic", why: "there is no VXLAN endpoint outside the cluster" }
      : { risk: "changes routing", why: "traffic to VXLAN endpoints outside the cluster takes another way" };
  }
  return undefined;
}

/** What a changed setting does once the pods have restarted; the worst first. */
export const risks = [
  "changes IPAM",
  "restarts the datapath",
  "changes routing",
  "changes BGP",
  "changes policy",
  "opens access",
  "observability",
  "cosmetic",
] as const;

/** One of {@link risks}. */
export type Risk = (typeof risks)[number];

/** Settings of cilium-config that do the same kind of thing when they change. */
export interface RiskClass {
  readonly risk: Risk;
  readonly why: string;
  readonly keys: readonly string[];
  /** For families of keys. */
  readonly pattern?: RegExp;
}

/** Every class; the first that names a key holds. */
export const classes: readonly RiskClass[] = [
  {
    risk: "changes IPAM",
    why: "addresses of running pods no longer fit; not safe on a cluster that runs",
    keys: [
      ...[
        "ipam",
        "auto-create-cilium-pod-ip-pools",
        "k8s-require-ipv4-pod-cidr",
        "k8s-require-ipv6-pod-cidr",
      ],
    ],
    pattern: /^cluster-pool-ipv[46]-/,
  },
  {
    risk: "changes BGP",
    why: "sessions are reset, or other routes are announced",
    keys: [
      ...["enable-bgp-control-plane", "bgp-secrets-namespace", "enable-bgp-legacy-origin-attribute"],
      ...["bgp-router-id-allocation-mode", "bgp-router-id-allocation-ip-pool"],
      ...["enable-lb-ipam", "default-lb-service-ipam"],
    ],
  },
  {
    risk: "changes routing",
    why: "nodes with the old and the new setting may not reach each other's pods while agents restart one by one",
    keys: [
      ...["routing-mode", "tunnel-protocol", "tunnel-port", "auto-direct-node-routes"],
      ...["direct-routing-skip-unreachable", "ipv4-native-routing-cidr", "ipv6-native-routing-cidr"],
      ...["enable-ipv4-masquerade", "enable-ipv6-masquerade", "enable-masquerade-to-route-source"],
      ...["enable-egress-gateway", "enable-l2-announcements", "enable-l2-neigh-discovery"],
      ...["enable-no-service-endpoints-routable", "enable-ip-masq-agent"],
    ],
  },
  {
    risk: "changes policy",
    why: "which traffic is allowed, or who a pod counts as, may change",
    keys: [
      ...["cluster-name", "cluster-id", "max-connected-clusters", "identity-allocation-mode", "kvstore"],
      ...[
        "identity-management-mode",
        "enable-policy",
        "policy-default-local-cluster",
        "policy-deny-response",
      ],
      ...["enable-k8s-networkpolicy", "enable-non-default-deny-policies", "enable-source-ip-verification"],
      ...["enable-endpoint-lockdown-on-policy-overflow", "enable-well-known-identities"],
      ...["enable-node-selector-labels", "enable-policy-secrets-sync", "policy-secrets-namespace"],
      ...["policy-secrets-only-from-secrets-namespace", "clustermesh-default-global-namespace"],
      ...[
        "clustermesh-enable-endpoint-sync",
        "clustermesh-enable-mcs-api",
        "clustermesh-mcs-api-install-crds",
      ],
      ...["tofqdns-dns-reject-response-code", "tofqdns-endpoint-max-ip-per-hostname"],
      ...["tofqdns-max-deferred-connection-deletes", "tofqdns-idle-connection-grace-period"],
      ...[
        "tofqdns-preallocate-identities",
        "tofqdns-proxy-response-max-delay",
        "tofqdns-enable-dns-compression",
      ],
    ],
    pattern: /^mesh-auth-(enabled|mutual)/,
  },
  {
    risk: "changes policy",
    why: "when a fresh node takes its first pods depends on it",
    keys: [
      ...["agent-not-ready-taint-key", "remove-cilium-node-taints", "set-cilium-node-taints"],
      ...["set-cilium-is-up-condition", "skip-crd-creation"],
    ],
  },
  {
    risk: "restarts the datapath",
    why: "BPF programs, maps or devices are rebuilt, and open connections may break",
    keys: [
      ...[
        "kube-proxy-replacement",
        "datapath-mode",
        "enable-tcx",
        "devices",
        "mtu",
        "enable-endpoint-routes",
      ],
      ...["enable-ipv4", "enable-ipv6", "enable-ipv4-big-tcp", "enable-ipv6-big-tcp", "enable-sctp"],
      ...["enable-bpf-masquerade", "enable-host-legacy-routing", "enable-host-firewall"],
      ...[
        "preallocate-bpf-maps",
        "node-port-range",
        "nodeport-addresses",
        "enable-bandwidth-manager",
        "enable-bbr",
      ],
      ...["enable-wireguard", "encrypt-node", "enable-ipsec", "install-no-conntrack-iptables-rules"],
      ...["iptables-random-fully", "enable-xt-socket-fallback", "packetization-layer-pmtud-mode"],
      ...[
        "cgroup-root",
        "bpf-root",
        "bpf-distributed-lru",
        "enable-bpf-clock-probe",
        "service-no-backend-response",
      ],
      ...["enable-datapath-plugins", "datapath-plugins-state-dir", "enable-dynamic-source-lookup-nodeport"],
      ...["node-port-bind-protection", "enable-auto-protect-node-port-range", "enable-service-topology"],
      ...["bpf-map-dynamic-size-ratio", "bpf-policy-map-max", "bpf-policy-stats-map-max"],
      ...["synchronize-k8s-nodes", "k8s-api-server-urls"],
    ],
    pattern: /^(bpf-lb-|bpf-ct-|bpf-nat-)/,
  },
  {
    risk: "restarts the datapath",
    why: "new pods get no network, or two networks, when it does not fit the node",
    keys: ["cni-exclusive", "custom-cni-conf", "write-cni-conf-when-ready"],
  },
  {
    risk: "restarts the datapath",
    why: "Envoy is reconfigured; traffic under layer 7 rules breaks for a moment",
    keys: [
      ...["enable-l7-proxy", "external-envoy-proxy", "envoy-xds-mode", "envoy-base-id"],
      ...["envoy-keep-cap-netbindservice", "envoy-node-locality-enabled", "http-retry-count"],
      ...["http-stream-idle-timeout", "dnsproxy-enable-transparent-mode", "dnsproxy-socket-linger-timeout"],
    ],
    pattern: /^proxy-/,
  },
  {
    risk: "observability",
    why: "only what is seen changes: metrics, flows, health or logs",
    keys: [
      ...[
        "enable-hubble",
        "prometheus-serve-addr",
        "operator-prometheus-serve-addr",
        "operator-api-serve-addr",
      ],
      ...["enable-metrics", "controller-group-metrics", "metrics-sampling-interval", "debug"],
      ...["enable-health-checking", "enable-endpoint-health-checking", "health-check-icmp-failure-threshold"],
      ...[
        "enable-health-check-nodeport",
        "enable-health-check-loadbalancer-ip",
        "enable-drift-checker",
        "enable-dynamic-config",
      ],
      ...["envoy-access-log-buffer-size", "envoy-access-log-enabled"],
    ],
    pattern: /^(hubble-|monitor-aggregation|bpf-events-|nat-map-stats-)/,
  },
  {
    risk: "observability",
    why: "this stack reads it to see whether BGP sessions are established",
    keys: ["enable-bgp-control-plane-status-report"],
  },
  {
    risk: "cosmetic",
    why: "an external load balancer may check there whether a node serves; nothing in the cluster does",
    keys: ["kube-proxy-replacement-healthz-bind-address"],
  },
  {
    risk: "cosmetic",
    why: "a file's place or the rhythm of housekeeping",
    keys: [
      ...["cni-log-file", "identity-heartbeat-timeout", "procfs", "unmanaged-pod-watcher-interval"],
      ...["ipam-cilium-node-update-rate", "egress-gateway-reconciliation-trigger-interval"],
      ...["tunnel-source-port-range", "clustermesh-cache-ttl"],
      ...["mesh-auth-gc-interval", "mesh-auth-queue-size", "mesh-auth-rotated-identities-queue-size"],
    ],
    pattern: /-gc-interval$/,
  },
];

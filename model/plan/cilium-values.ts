import { ciliumBgp } from "../bgp/endpoint";
import { parseCidr } from "../net/addresses";
import type { Stack } from "../stack/schema";
import { leastWorkers } from "./machines";
import { defined, field, isMap } from "../kubernetes/object";
import { minorVersion } from "../kubernetes/version";

/** The Helm values of a stack's Cilium: ours, with the user's on top. */
export function ciliumValues(stack: Stack): Record<string, unknown> {
  const { cilium, network, kubernetes } = stack;
  const families = network.pods.map((text) => ({ text, family: parseCidr(text)?.family }));
  const ipv4 = families.find(({ family }) => family === 4)?.text;
  const ipv6 = families.find(({ family }) => family === 6)?.text;
  const machines = stack.controlPlane.replicas + leastWorkers(stack);
  const routing =
    cilium.routingMode === "tunnel"
      ? { routingMode: "tunnel", tunnelProtocol: cilium.tunnelProtocol }
      : {
          routingMode: "native",
          // Direct server return and the egress gateway wrap packets in it; vxlan is the chart's default.
          ...(cilium.tunnelProtocol === "vxlan" ? {} : { tunnelProtocol: cilium.tunnelProtocol }),
          autoDirectNodeRoutes: cilium.autoDirectNodeRoutes,
          ...defined({ ipv4NativeRoutingCIDR: ipv4, ipv6NativeRoutingCIDR: ipv6 }),
        };
  const ours = {
    cluster: { name: stack.name, id: 0 },
    ...(cilium.installedVersion === undefined
      ? {}
      : { upgradeCompatibility: minorVersion(cilium.installedVersion) }),
    ...routing,
    ipv4: { enabled: ipv4 !== undefined },
    ipv6: { enabled: ipv6 !== undefined },
    ipam: { mode: "kubernetes" },
    kubeProxyReplacement: true,
    // Without kube-proxy nothing serves the API's ClusterIP before Cilium itself runs.
    k8sServiceHost: kubernetes.endpoint.host,
    k8sServicePort: kubernetes.endpoint.port,
    bgpControlPlane: { enabled: ciliumBgp(stack) !== undefined },
    ...((stack.loadBalancer?.l2Announcements ?? []).length === 0
      ? {}
      : { l2announcements: { enabled: true } }),
    cni: { binPath: stack.image.cniBinaryPath },
    // The narrow list since chart 1.18 leaves the operator pending on fresh bare metal (cilium#41921).
    operator: { replicas: Math.min(2, machines), tolerations: [{ operator: "Exists" }], rollOutPods: true },
    // Agents, operator and Envoy read their settings once: a hash of the settings in the pod template restarts them.
    rollOutCiliumPods: true,
    envoy: { rollOutPods: true },
    // Helm's own Hubble certificates are new at every render.
    hubble: { enabled: false },
  };
  return merge(ours, cilium.values);
}

/** Does Cilium replace kube-proxy? Then kubeadm must not install it. */
export function replacesKubeProxy(values: Readonly<Record<string, unknown>>): boolean {
  return field(values, "kubeProxyReplacement") === true || field(values, "kubeProxyReplacement") === "true";
}

function merge(
  base: Record<string, unknown>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? merge(below, value) : value;
  }
  return merged;
}

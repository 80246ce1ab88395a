import { type KubernetesObject, field, list, selects, text } from "../kubernetes/object";
import { type Family, bitsOf, canonicalCidr, familyOf } from "../net/addresses";
import { lengthOf } from "./prefixes";

/** Routes that one node must announce, and those that it may: a service of traffic policy Local is only where its pods are. */
export interface ExpectedRoutes {
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
}

/** What a node announces to a peer, computed as its agent does from the objects of the cluster. */
export function expectedRoutes(
  node: KubernetesObject,
  family: Family,
  peerConfig: KubernetesObject | undefined,
  advertisements: readonly KubernetesObject[],
  services: readonly KubernetesObject[],
): ExpectedRoutes {
  const must = new Set<string>();
  const may = new Set<string>();
  const wanted = list(peerConfig, "spec", "families").filter((entry) => text(entry, "afi") === family);
  for (const entry of wanted) {
    const selector = field(entry, "advertisements");
    if (selector === undefined) continue;
    for (const object of advertisements.filter(({ metadata }) => selects(selector, metadata.labels))) {
      for (const advertisement of list(object, "spec", "advertisements")) {
        announce(advertisement, node, family, services, must, may);
      }
    }
  }
  return { must, may };
}

function announce(
  advertisement: unknown,
  node: KubernetesObject,
  family: Family,
  services: readonly KubernetesObject[],
  must: Set<string>,
  may: Set<string>,
): void {
  if (text(advertisement, "advertisementType") === "PodCIDR") {
    for (const cidr of podCidrsOf(node)) if (familyOf(cidr) === family) must.add(cidr);
    return;
  }
  const selector = field(advertisement, "selector");
  if (text(advertisement, "advertisementType") !== "Service" || selector === undefined) return;
  const length = field(
    advertisement,
    "service",
    family === "ipv4" ? "aggregationLengthIPv4" : "aggregationLengthIPv6",
  );
  const kinds = list(advertisement, "service", "addresses");
  for (const service of services.filter((one) => isAnnounced(one, selector))) {
    for (const { address, local } of addressesOf(service, kinds)) {
      if (familyOf(address) !== family) continue;
      const exact = `${address}/${bitsOf(family)}`;
      const aggregate =
        typeof length === "number" && length < bitsOf(family) ? canonicalCidr(`${address}/${length}`) : exact;
      // Whether the agent aggregates what is only on some nodes was not seen by us; either is as planned.
      if (local) for (const route of [exact, aggregate ?? exact]) may.add(route);
      else must.add(aggregate ?? exact);
    }
  }
}

/** `spec.podCIDRs`, canonical. */
function podCidrsOf(node: KubernetesObject): readonly string[] {
  return list(node, "spec", "podCIDRs").flatMap((cidr) =>
    typeof cidr === "string" && lengthOf(cidr) > 0 ? [canonicalCidr(cidr) ?? cidr] : [],
  );
}

/** Cilium leaves services of another load balancer class alone. */
function isAnnounced(service: KubernetesObject, selector: unknown): boolean {
  const of = text(service, "spec", "loadBalancerClass");
  return (
    (of === undefined || of === "io.cilium/bgp-control-plane") &&
    selects(selector, {
      ...service.metadata.labels,
      "io.kubernetes.service.name": service.metadata.name,
      "io.kubernetes.service.namespace": service.metadata.namespace ?? "",
    })
  );
}

function addressesOf(
  service: KubernetesObject,
  kinds: readonly unknown[],
): readonly { readonly address: string; readonly local: boolean }[] {
  const external = text(service, "spec", "externalTrafficPolicy") === "Local";
  const internal = text(service, "spec", "internalTrafficPolicy") === "Local";
  const texts = (values: readonly unknown[]) =>
    values.filter((value): value is string => typeof value === "string" && value !== "None" && value !== "");
  return [
    ...(kinds.includes("LoadBalancerIP")
      ? texts(list(service, "status", "loadBalancer", "ingress").map((entry) => text(entry, "ip")))
      : []
    ).map((address) => ({ address, local: external })),
    ...(kinds.includes("ExternalIP") ? texts(list(service, "spec", "externalIPs")) : []).map((address) => ({
      address,
      local: external,
    })),
    ...(kinds.includes("ClusterIP") ? texts(list(service, "spec", "clusterIPs")) : []).map((address) => ({
      address,
      local: internal,
    })),
  ];
}

import type { Advertisement, CiliumBGPAdvertisement, CiliumBGPPeerConfig } from "../kubernetes/cilium";
import type { Node, Service } from "../kubernetes/core";
import { type LabelSelector, selects } from "../kubernetes/object";
import { type Family, bitsOf, canonicalCidr, familyOf, hostCidr } from "../net/addresses";
import { lengthOf } from "./prefixes";

/** Routes that one node must announce, and those that it may: a service of traffic policy Local is only where its pods are. */
export interface ExpectedRoutes {
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
}

/** What a node announces to a peer, computed as its agent does from the objects of the cluster. */
export function expectedRoutes(
  node: Node,
  family: Family,
  peerConfig: CiliumBGPPeerConfig | undefined,
  advertisements: readonly CiliumBGPAdvertisement[],
  services: readonly Service[],
): ExpectedRoutes {
  const must = new Set<string>();
  const may = new Set<string>();
  for (const { afi, advertisements: selector } of peerConfig?.spec?.families ?? []) {
    if (afi !== family || selector === undefined) continue;
    for (const object of advertisements.filter(({ metadata }) => selects(selector, metadata.labels))) {
      for (const advertisement of object.spec?.advertisements ?? []) {
        announce(advertisement, node, family, services, must, may);
      }
    }
  }
  return { must, may };
}

function announce(
  { advertisementType, selector, service: wanted = {} }: Advertisement,
  node: Node,
  family: Family,
  services: readonly Service[],
  must: Set<string>,
  may: Set<string>,
): void {
  if (advertisementType === "PodCIDR") {
    for (const cidr of podCidrsOf(node)) if (familyOf(cidr) === family) must.add(cidr);
    return;
  }
  if (advertisementType !== "Service" || selector === undefined) return;
  const length = wanted[family === "ipv4" ? "aggregationLengthIPv4" : "aggregationLengthIPv6"];
  const kinds = wanted.addresses ?? [];
  for (const service of services.filter((one) => isAnnounced(one, selector))) {
    for (const { address, local } of addressesOf(service, kinds)) {
      if (familyOf(address) !== family) continue;
      const exact = hostCidr(address);
      const aggregate =
        length !== undefined && length < bitsOf(family) ? canonicalCidr(`${address}/${length}`) : exact;
      // Whether the agent aggregates what is only on some nodes was not seen by us; either is as planned.
      if (local) for (const route of [exact, aggregate ?? exact]) may.add(route);
      else must.add(aggregate ?? exact);
    }
  }
}

/** `spec.podCIDRs`, canonical. */
function podCidrsOf({ spec }: Node): readonly string[] {
  return (spec?.podCIDRs ?? []).flatMap((cidr) => (lengthOf(cidr) > 0 ? [canonicalCidr(cidr) ?? cidr] : []));
}

/** Cilium leaves services of another load balancer class alone. */
function isAnnounced(service: Service, selector: LabelSelector): boolean {
  const of = service.spec?.loadBalancerClass;
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
  { spec, status }: Service,
  kinds: readonly string[],
): readonly { readonly address: string; readonly local: boolean }[] {
  const external = spec?.externalTrafficPolicy === "Local";
  const internal = spec?.internalTrafficPolicy === "Local";
  const of = (kind: string, addresses: readonly (string | undefined)[] = [], local: boolean) =>
    addresses.flatMap((address) =>
      !kinds.includes(kind) || address === undefined || address === "None" || address === ""
        ? []
        : [{ address, local }],
    );
  return [
    ...of(
      "LoadBalancerIP",
      status?.loadBalancer?.ingress?.map(({ ip }) => ip),
      external,
    ),
    ...of("ExternalIP", spec?.externalIPs, external),
    ...of("ClusterIP", spec?.clusterIPs, internal),
  ];
}

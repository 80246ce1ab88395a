import { canonicalCidr } from "../../../../model/net/addresses";
import {
  type KubernetesObject,
  field,
  list,
  number,
  selects,
  text,
} from "../../../../model/kubernetes/object";

/** One prefix that a peer is to receive, with what the advertisement attaches. */
export interface Announcement {
  readonly prefix: string;
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly localPreference?: number;
}

/** The objects that announcements are decided from. */
export interface AnnouncementInputs {
  readonly advertisements: readonly KubernetesObject[];
  readonly services: readonly KubernetesObject[];
}

/** What one family of a peer configuration announces from a node; without a selector for advertisements, nothing. */
export function announcementsOf(
  family: unknown,
  node: KubernetesObject,
  inputs: AnnouncementInputs,
): Announcement[] {
  const selector = field(family, "advertisements");
  if (selector === undefined || (text(family, "safi") ?? "unicast") !== "unicast") return [];
  const ipv6 = (text(family, "afi") ?? "ipv4") === "ipv6";
  const found = new Map<string, Announcement>();
  for (const object of inputs.advertisements) {
    if (!selects(selector, object.metadata.labels)) continue;
    for (const advertisement of list(object, "spec", "advertisements")) {
      for (const prefix of prefixesOf(advertisement, node, inputs.services)) {
        if (prefix.includes(":") !== ipv6) continue;
        found.set(prefix, merged(found.get(prefix), prefix, field(advertisement, "attributes")));
      }
    }
  }
  return [...found.values()].sort((a, b) => a.prefix.localeCompare(b.prefix));
}

/** Several advertisements of one prefix add up; the highest local preference wins. */
function merged(before: Announcement | undefined, prefix: string, attributes: unknown): Announcement {
  const strings = (...path: string[]) => list(attributes, "communities", ...path).map(String);
  const all = (have: readonly string[] | undefined, more: readonly string[]) => [
    ...new Set([...(have ?? []), ...more]),
  ];
  const preferences = [before?.localPreference, number(attributes, "localPreference")].filter(
    (value): value is number => value !== undefined,
  );
  return {
    prefix,
    communities: all(before?.communities, [...strings("standard"), ...strings("wellKnown")]),
    largeCommunities: all(before?.largeCommunities, strings("large")),
    ...(preferences.length === 0 ? {} : { localPreference: Math.max(...preferences) }),
  };
}

function prefixesOf(
  advertisement: unknown,
  node: KubernetesObject,
  services: readonly KubernetesObject[],
): readonly string[] {
  const type = text(advertisement, "advertisementType");
  if (type === "PodCIDR") return list(node, "spec", "ipam", "podCIDRs").map(String);
  // A Service advertisement without selector selects nothing.
  const selector = field(advertisement, "selector");
  if (type !== "Service" || selector === undefined) return [];
  const kinds = list(advertisement, "service", "addresses").map(String);
  return services
    .filter((service) => announces(service) && selects(selector, service.metadata.labels))
    .flatMap((service) => addressesOf(service, kinds))
    .flatMap((address) => servicePrefix(address, field(advertisement, "service")) ?? []);
}

/** Services of another load balancer are not Cilium's to announce. */
function announces(service: KubernetesObject): boolean {
  const owner = text(service, "spec", "loadBalancerClass");
  return owner === undefined || owner === "io.cilium/bgp-control-plane";
}

function addressesOf(service: KubernetesObject, kinds: readonly string[]): string[] {
  return [
    ...(kinds.includes("LoadBalancerIP")
      ? list(service, "status", "loadBalancer", "ingress").map((entry) => text(entry, "ip") ?? "")
      : []),
    ...(kinds.includes("ClusterIP") ? list(service, "spec", "clusterIPs").map(String) : []),
    ...(kinds.includes("ExternalIP") ? list(service, "spec", "externalIPs").map(String) : []),
  ].filter((address) => address !== "" && address !== "None");
}

/** The address itself, or the aggregate that the advertisement requests. */
function servicePrefix(address: string, service: unknown): string | undefined {
  const ipv6 = address.includes(":");
  const length = number(service, ipv6 ? "aggregationLengthIPv6" : "aggregationLengthIPv4");
  return canonicalCidr(`${address}/${length ?? (ipv6 ? 128 : 32)}`);
}

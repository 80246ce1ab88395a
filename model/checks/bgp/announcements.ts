import { type Family, familyOf } from "../../net/addresses";
import { announcedPrefixes, blockNetworks } from "../../bgp/prefixes";
import { sessionsOf } from "../../bgp/sessions";
import { text } from "../../kubernetes/object";
import type { BgpInstance } from "../../stack/schema";
import { listed } from "../../text/wording";
import { type Check, defineCheck } from "../check";
import { isOn, value } from "../cilium/values";
import { peersOf, routersOf, routersOfPeer, withBgp } from "./routers";

/** Checks of what is announced, and of what a router accepts. */
export const announcementChecks: readonly Check[] = [
  defineCheck({
    id: "bgp/something-announced",
    summary: "Every session can announce at least one route.",
    why: "a session without routes makes nothing reachable, and its router would accept nothing",
    run: withBgp((bgp, stack) =>
      sessionsOf(bgp)
        .filter(({ peer, router, family }) => {
          return announcedPrefixes(stack, bgp, peer, router, family).rules.length === 0;
        })
        .map(({ at, family, router }) => ({
          at: `${at}.advertise`,
          problem: `nothing can be announced to ${router.name} in ${family}: no pod network, no pool, no accepted prefix`,
          fix: `advertise podCIDRs, add a load balancer pool of ${family}, or leave ${family} out of families`,
        })),
    ),
  }),
  defineCheck({
    id: "bgp/families-announced",
    summary: "Every pod family is carried by a session.",
    why: "pods of a family without a session are unreachable from outside the cluster",
    severity: "warning",
    run: withBgp((bgp, stack) => {
      const families = new Map<BgpInstance, Set<Family>>();
      for (const { instance, peer, family } of sessionsOf(bgp)) {
        if (!peer.advertise.podCIDRs) continue;
        families.set(instance, (families.get(instance) ?? new Set()).add(family));
      }
      return bgp.instances.flatMap((instance, i) => {
        const carried = families.get(instance);
        if (carried === undefined) return [];
        return stack.network.pods
          .filter((pods) => !carried.has(familyOf(pods)))
          .map((pods) => ({
            at: `bgp.instances[${i}].peers`,
            problem: `no session of instance ${instance.name} carries ${familyOf(pods)}, so ${pods} is not announced`,
            fix: `give a router an ${familyOf(pods)} address`,
          }));
      });
    }),
  }),
  defineCheck({
    id: "bgp/pod-cidrs-per-node",
    summary: "Pod networks are announced only where each node has its own share.",
    why: "Cilium can announce a pod network only where a node owns one share of it",
    run: ({ bgp, cilium }) => {
      const mode = text(cilium.values, "ipam", "mode") ?? "kubernetes";
      if (mode === "kubernetes" || mode === "cluster-pool") return [];
      return peersOf(bgp)
        .filter(({ peer }) => peer.advertise.podCIDRs)
        .map(({ at }) => ({
          at: `${at}.advertise.podCIDRs`,
          problem: `with ipam.mode ${mode} nodes have no pod network of their own to announce`,
          fix: "remove ipam.mode from cilium.values, or write podCIDRs: false",
        }));
    },
  }),
  defineCheck({
    id: "bgp/pool-announced",
    summary: "Every load balancer pool is announced in its families.",
    why: "services get addresses of the pool to which no router has, or accepts, a route",
    run: withBgp((bgp) => {
      const families = new Set(
        sessionsOf(bgp)
          .filter(({ peer }) =>
            peer.advertise.services.some(({ addresses }) => addresses.includes("LoadBalancerIP")),
          )
          .map(({ family }) => family),
      );
      return bgp.loadBalancerPools.flatMap((pool, i) =>
        pool.blocks.flatMap((block, j) => {
          const lost = blockNetworks(block).find((network) => !families.has(familyOf(network)));
          if (lost === undefined) return [];
          return {
            at: `bgp.loadBalancerPools[${i}].blocks[${j}]`,
            problem: `no peer announces LoadBalancer addresses in ${familyOf(lost)}, so ${lost} is unreachable`,
            fix: `let a peer with a router's ${familyOf(lost)} address advertise LoadBalancerIP, or remove the block`,
          };
        }),
      );
    }),
  }),
  // Cilium makes ClusterIPs routable only with this setting (v1.19 pkg/loadbalancer/reconciler/bpf_reconciler.go).
  defineCheck({
    id: "bgp/cluster-ips-served",
    summary: "ClusterIPs are announced only where nodes serve them to the outside.",
    why: "routers send packets for ClusterIPs to nodes that drop them: without kube-proxy Cilium serves ClusterIPs inside the cluster only",
    run: (stack) => {
      if (!isOn(value(stack, "kubeProxyReplacement")) || isOn(value(stack, "bpf.lbExternalClusterIP"))) {
        return [];
      }
      return peersOf(stack.bgp).flatMap(({ peer, at }) =>
        peer.advertise.services.flatMap(({ addresses }, k) =>
          addresses.includes("ClusterIP")
            ? {
                at: `${at}.advertise.services[${k}].addresses`,
                problem: "ClusterIP is announced, and bpf.lbExternalClusterIP is not on",
                fix: "write bpf.lbExternalClusterIP: true in cilium.values, or leave ClusterIP out",
              }
            : [],
        ),
      );
    },
  }),
  defineCheck({
    id: "bgp/external-ips-accepted",
    summary: "A router that receives external IPs accepts prefixes for them.",
    why: "external IPs cannot be derived from the stack, so the router's prefix list must name them",
    run: ({ bgp }) =>
      (bgp === undefined ? [] : sessionsOf(bgp))
        .filter(({ peer, router, family }) => {
          const external = peer.advertise.services.some(({ addresses }) => addresses.includes("ExternalIP"));
          return external && !router.acceptedPrefixes.some(({ prefix }) => familyOf(prefix) === family);
        })
        .map(({ router, family, at }) => ({
          at: `${at}.advertise.services`,
          problem: `external IPs are announced, but router ${router.name} accepts none in ${family}`,
          fix: `add acceptedPrefixes to ${router.name}, such as [{ prefix: ${family === "ipv4" ? "198.51.100.0/24, ge: 32" : "2001:db8:1::/64, ge: 128"} }]`,
        })),
  }),
  // Cilium's speaker has one import policy, which rejects all routes (1.18 to 1.20, pkg/bgp/gobgp/server.go).
  defineCheck({
    id: "bgp/default-route-accepted",
    summary: "No router announces a default route to the nodes.",
    why: "Cilium rejects every route that a router announces, so a node without another default route reaches only its own network",
    run: ({ bgp, network }) =>
      routersOf(bgp)
        .filter(({ router }) => router.announceDefaultRoute)
        .map(({ router, at }) => ({
          at: `${at}.announceDefaultRoute`,
          problem: `the nodes reject the default route that ${router.name} announces`,
          fix:
            network.gateway === undefined
              ? "remove it, and write network.gateway, through which fixed and pooled addresses get their default route"
              : `remove it: nodes use network.gateway ${network.gateway}; accept this if another BGP program on the nodes uses it`,
        })),
  }),
  defineCheck({
    id: "bgp/communities-form",
    summary: "BGP communities have the form that Cilium's API accepts.",
    why: "the API refuses any other form once the cluster is up",
    run: ({ bgp }) =>
      peersOf(bgp).flatMap(({ peer, at }) => {
        const places = [
          { at: `${at}.advertise.attributes`, ...peer.advertise.attributes.communities },
          ...peer.advertise.services.map((entry, i) => ({
            at: `${at}.advertise.services[${i}].attributes`,
            ...entry.attributes.communities,
          })),
        ];
        return places.flatMap(({ at: place, standard, large }) => [
          ...standard
            .filter((text) => !hasForm(text, 2, 65_535))
            .map((text) => ({
              at: `${place}.communities.standard`,
              problem: `"${text}" is not a community`,
              fix: "write two numbers up to 65535, such as 65010:100",
            })),
          ...large
            .filter((text) => !hasForm(text, 3, 4_294_967_295))
            .map((text) => ({
              at: `${place}.communities.large`,
              problem: `"${text}" is not a large community`,
              fix: "write three numbers up to 4294967295, such as 65010:100:1",
            })),
        ]);
      }),
  }),
  defineCheck({
    id: "bgp/local-preference-internal",
    summary: "Local preference is set for routers of the same ASN only.",
    why: "local preference is not sent to a router of another ASN",
    severity: "warning",
    run: ({ bgp }) =>
      peersOf(bgp).flatMap(({ peer, instance, at }) => {
        const external = (bgp === undefined ? [] : routersOfPeer(bgp, peer)).filter(
          ({ asn }) => asn !== instance.localASN,
        );
        const given = [peer.advertise, ...peer.advertise.services].some(
          ({ attributes }) => attributes.localPreference !== undefined,
        );
        if (!given || external.length === 0) return [];
        return {
          at: `${at}.advertise`,
          problem: `localPreference has no effect on ${listed(external.map(({ name }) => name))}, which has another ASN`,
          fix: "set a community that the router's policy matches, or remove it",
        };
      }),
  }),
];

/** Whether a text is the given number of numbers between colons, each within its bound. */
function hasForm(text: string, parts: number, most: number): boolean {
  const numbers = text.split(":");
  return numbers.length === parts && numbers.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= most);
}

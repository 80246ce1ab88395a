import { blockNetworks } from "../bgp/prefixes";
import { selectedHosts } from "../bgp/nodes";
import { type Family, contains, familyOf, parseAddress, parseCidr } from "../net/addresses";
import { ciliumValues, replacesKubeProxy } from "../plan/cilium-values";
import { machinePools } from "../plan/machines";
import { namedLinks, withNetworkVlans } from "../plan/node-link";
import type { LoadBalancer, Stack } from "../stack/schema";
import { minorVersion } from "../kubernetes/version";
import { list } from "../kubernetes/object";
import { listed, nearest } from "../text/wording";
import { announcingHosts } from "./announcing-hosts";
import { firstOverlap } from "../net/overlaps";
import { bmcAddresses } from "./bmc/addresses";
import { type Check, type CheckResults, defineCheck, duplicates } from "./check";
import { userValue } from "./cilium/values";
import { gatewayAddresses, machineAddresses } from "./net/addresses";
import { expressionForm, interfaceExpression } from "./interface-expression";
import { dynamicRanges } from "./net/ranges";

/** A check of the addresses that are announced without BGP; a stack without them passes. */
const withLoadBalancer =
  (run: (loadBalancer: LoadBalancer, stack: Stack) => CheckResults) =>
  (stack: Stack): CheckResults =>
    stack.loadBalancer === undefined ? [] : run(stack.loadBalancer, stack);

/** Every network of every block of the pools, with its place. */
function blocksOf({ pools }: LoadBalancer) {
  return pools.flatMap(({ blocks }, i) =>
    blocks.flatMap((block, j) =>
      blockNetworks(block).flatMap((text) => {
        const range = parseCidr(text);
        const shown = typeof block === "string" ? block : `${block.start} to ${block.stop}`;
        return range === undefined ? [] : [{ at: `loadBalancer.pools[${i}].blocks[${j}]`, range, shown }];
      }),
    ),
  );
}

/** One result for each place: a block of several networks is one line of the stack file. */
const oncePerPlace = <Result extends { readonly at: string }>(results: readonly Result[]) => [
  ...new Map(results.toReversed().map((result) => [result.at, result])).values(),
];

/** Checks of LoadBalancer services without BGP. */
export const loadBalancerChecks: readonly Check[] = [
  defineCheck({
    id: "load-balancer/names-unique",
    summary: "Address pools and announcements have distinct names.",
    why: "each is an object with this name, and of two one would overwrite the other",
    acceptable: false,
    run: withLoadBalancer(({ pools, l2Announcements }, { bgp }) => [
      ...duplicates(
        [
          ...(bgp?.loadBalancerPools ?? []).map(({ name: text }, i) => ({
            text,
            at: `bgp.loadBalancerPools[${i}].name`,
          })),
          ...pools.map(({ name: text }, i) => ({ text, at: `loadBalancer.pools[${i}].name` })),
        ],
        "give each pool its own name",
      ),
      ...duplicates(
        l2Announcements.map(({ name: text }, i) => ({ text, at: `loadBalancer.l2Announcements[${i}].name` })),
        "give each announcement its own name",
      ),
    ]),
  }),
  defineCheck({
    id: "load-balancer/addresses-announced",
    summary: "Addresses of services are announced, by L2 announcements or by BGP.",
    why: "services get an address that no machine answers for",
    severity: "warning",
    run: withLoadBalancer(({ l2Announcements }, { bgp }) => {
      const peers = (bgp?.instances ?? []).flatMap((instance) => instance.peers);
      if (l2Announcements.length > 0 || peers.some(({ advertise }) => advertise.services.length > 0))
        return [];
      return {
        at: "loadBalancer.l2Announcements",
        problem: "the pools give services addresses, and nothing announces them",
        fix: "add l2Announcements: [{ name: default }]",
      };
    }),
  }),
  defineCheck({
    id: "load-balancer/pools-in-node-networks",
    summary: "Addresses that nodes announce are in a network that each of these nodes is in.",
    why: "a client, or the router in front of it, asks by ARP only for addresses of the network itself, and only a node in that network can answer",
    run: withLoadBalancer((loadBalancer, stack) => {
      const blocks = blocksOf(loadBalancer);
      return oncePerPlace(
        announcingHosts(loadBalancer.l2Announcements, stack).flatMap(({ name, groups }) =>
          blocks.flatMap(({ at, range, shown }) => {
            const outside = groups.filter(
              ({ networks }) => !networks.some((network) => contains(network, range)),
            );
            const [first] = outside;
            if (first === undefined) return [];
            const away = outside
              .flatMap((group) => group.hosts)
              .sort((a, b) => a.order - b.order)
              .map((host) => host.name);
            const own = first.networks.filter(({ family }) => family === range.family);
            return {
              at,
              problem: `${shown} is in no network of ${listed(away, 3)}, whose nodes ${name} selects`,
              fix:
                own.length === 0
                  ? `choose addresses in a network of the nodes, or give them one of this family`
                  : `choose free addresses inside ${own.map(({ text }) => text).join(" or ")}, or select other nodes`,
            };
          }),
        ),
      );
    }),
  }),
  defineCheck({
    id: "load-balancer/pools-free",
    summary: "Addresses of services belong to nothing else.",
    why: "two machines answer for one address, and connections reach either of them",
    acceptable: false,
    run: withLoadBalancer((loadBalancer, stack) => {
      const taken = [
        ...[...machineAddresses(stack), ...gatewayAddresses(stack)].map(({ at, text }) => ({
          at,
          range: parseAddress(text),
        })),
        ...stack.network.dns.map((text, i) => ({ at: `network.dns[${i}]`, range: parseAddress(text) })),
        ...bmcAddresses(stack).map(({ at, address }) => ({ at, range: address })),
        ...dynamicRanges(stack),
        ...stack.network.pods.map((text, i) => ({ at: `network.pods[${i}]`, range: parseCidr(text) })),
        ...stack.network.services.map((text, i) => ({
          at: `network.services[${i}]`,
          range: parseCidr(text),
        })),
        ...(stack.bgp?.loadBalancerPools ?? []).flatMap(({ blocks }, i) =>
          blocks
            .flatMap(blockNetworks)
            .map((text) => ({ at: `bgp.loadBalancerPools[${i}]`, range: parseCidr(text) })),
        ),
      ];
      const blocks = blocksOf(loadBalancer);
      const others = taken.flatMap(({ at, range }) => (range === undefined ? [] : [{ at, range }]));
      const overlapping = firstOverlap([...others, ...blocks]);
      return oncePerPlace(
        blocks.flatMap(({ at, range, shown }, k) => {
          const clash = overlapping(
            range,
            (other, order) => order < others.length + k && (order < others.length || other.at !== at),
          );
          if (clash === undefined) return [];
          return {
            at,
            problem: `${shown} holds ${clash.range.text}, which is ${clash.at}`,
            fix: "write a range without it, such as { start: first, stop: last }",
          };
        }),
      );
    }),
  }),
  defineCheck({
    id: "load-balancer/blocks-ordered",
    summary: "The blocks of address pools start before they stop, in one family.",
    why: "Cilium ignores a block without addresses",
    acceptable: false,
    run: withLoadBalancer(({ pools }) =>
      pools.flatMap(({ blocks }, i) =>
        blocks.flatMap((block, j) =>
          typeof block === "string" || blockNetworks(block).length > 0
            ? []
            : {
                at: `loadBalancer.pools[${i}].blocks[${j}]`,
                problem: `${block.start} to ${block.stop} holds no address`,
                fix:
                  familyOf(block.start) === familyOf(block.stop)
                    ? `write start: ${block.stop}, stop: ${block.start}`
                    : "write both in one family",
              },
        ),
      ),
    ),
  }),
  defineCheck({
    id: "load-balancer/nodes-selected",
    summary: "Every L2 announcement selects a host of the inventory.",
    why: "no node answers for the addresses of its services",
    run: withLoadBalancer(({ l2Announcements }, stack) =>
      l2Announcements.flatMap((policy, i) => {
        if (selectedHosts(stack, policy).length > 0) return [];
        const pools = machinePools(stack).map(({ name }) => name);
        const domains = [...new Set(stack.hosts.flatMap(({ failureDomain }) => failureDomain ?? []))];
        const wrong = policy.nodes.pools.find((name) => !pools.includes(name));
        const guess = wrong === undefined ? undefined : nearest(wrong, pools);
        return {
          at: `loadBalancer.l2Announcements[${i}].nodes`,
          problem: `${policy.name} selects no host of the inventory${wrong === undefined ? "" : `: there is no pool "${wrong}"`}`,
          fix:
            guess === undefined
              ? `there are the pools ${pools.join(", ")}${domains.length === 0 ? "" : `, and failure domains ${domains.join(", ")}`}`
              : `did you mean "${guess}"?`,
        };
      }),
    ),
  }),
  defineCheck({
    id: "load-balancer/interfaces-exist",
    summary:
      "The interfaces of an L2 announcement are regular expressions that match an interface of every node.",
    why: "a node without a matching interface wins the election for a service and does not answer",
    run: withLoadBalancer(({ l2Announcements }, stack) =>
      l2Announcements.flatMap(({ interfaces, name, ...policy }, i) => {
        const at = `loadBalancer.l2Announcements[${i}].interfaces`;
        const expressions = interfaces.map(interfaceExpression);
        const broken = expressions.indexOf(undefined);
        if (broken >= 0) {
          return {
            at: `${at}[${broken}]`,
            problem: `"${interfaces[broken]}" is not a regular expression of the kind that is read here`,
            fix: `write up to 256 characters: ${expressionForm}`,
          };
        }
        if (interfaces.length === 0) return [];
        const without = selectedHosts(stack, policy)
          .map((host) => ({
            host,
            links: namedLinks(withNetworkVlans(stack, host)).map((link) => link.name),
          }))
          // The interfaces of a host that names none are not known before.
          .filter(
            ({ links }) =>
              links.length > 0 && !links.some((link) => expressions.some((matches) => matches?.(link))),
          );
        const [first] = without;
        if (first === undefined) return [];
        return {
          at,
          problem: `${name} announces on ${interfaces.join(", ")}, and ${listed(
            without.map(({ host }) => host.name),
            3,
          )} has ${listed(first.links)}`,
          fix: `write one that matches, such as ^${nearest(interfaces[0] ?? "", first.links) ?? first.links.at(-1) ?? ""}$`,
        };
      }),
    ),
  }),
  defineCheck({
    id: "load-balancer/interfaces-in-devices",
    summary: "Cilium's devices include the interfaces of L2 announcements.",
    why: "Cilium answers only on the devices that it uses",
    run: withLoadBalancer(({ l2Announcements }, stack) => {
      const devices = userValue(stack, "devices");
      const named =
        typeof devices === "string"
          ? devices.split(/[\s,]+/).filter((text) => text !== "")
          : list({ devices }, "devices").map(String);
      if (named.length === 0) return [];
      return l2Announcements.flatMap(({ interfaces }, i) => {
        // "eth+" stands for every name that begins so.
        const sample = named.map((text) => text.replace(/\+$/, "0"));
        if (
          interfaces.length === 0 ||
          sample.some((text) => interfaces.some((each) => interfaceExpression(each)?.(text)))
        )
          return [];
        return {
          at: `loadBalancer.l2Announcements[${i}].interfaces`,
          problem: `${interfaces.join(", ")} matches none of cilium.values.devices, ${named.join(", ")}`,
          fix: "add the interface to cilium.values.devices, or remove devices: Cilium finds them",
        };
      });
    }),
  }),
  defineCheck({
    id: "load-balancer/announcer-able",
    summary:
      "Cilium can announce the addresses: its announcer is on, without kube-proxy, in a version that knows the family.",
    why: "the policies would be there, and no node would answer",
    run: withLoadBalancer((loadBalancer, stack) => {
      if (loadBalancer.l2Announcements.length === 0) return [];
      const minor = minorVersion(stack.cilium.version);
      const families = new Set<Family>(blocksOf(loadBalancer).map(({ range }) => familyOf(range.text)));
      return [
        ...(userValue(stack, "l2announcements.enabled") === false
          ? [
              {
                at: "cilium.values.l2announcements.enabled",
                problem: "with false loadBalancer.l2Announcements has no effect",
                fix: "remove it: the stack turns it on",
              },
            ]
          : []),
        ...(replacesKubeProxy(ciliumValues(stack))
          ? []
          : [
              {
                at: "cilium.values.kubeProxyReplacement",
                problem: "L2 announcements need Cilium in place of kube-proxy",
                fix: "remove it",
              },
            ]),
        ...(minor === "1.18" && families.has("ipv6")
          ? [
              {
                at: "loadBalancer.pools",
                problem: `Cilium ${stack.cilium.version} answers ARP only, and a pool has IPv6 addresses`,
                fix: "write cilium.version 1.19 or later, or IPv4 blocks only",
              },
            ]
          : []),
      ];
    }),
  }),
  defineCheck({
    id: "load-balancer/one-announcement",
    summary: "Service addresses are announced either by ARP or by BGP.",
    why: "one node answers ARP for an address that the routers send to all nodes, so the path depends on the client's location",
    severity: "warning",
    run: withLoadBalancer(({ l2Announcements }, { bgp }) => {
      const peers = (bgp?.instances ?? []).flatMap(({ peers: own }) => own);
      const announced = peers.some(({ advertise }) =>
        advertise.services.some(({ addresses }) => addresses.includes("LoadBalancerIP")),
      );
      if (!announced) return [];
      return l2Announcements.flatMap(({ serviceSelector, name }, i) =>
        Object.keys(serviceSelector.matchLabels).length + serviceSelector.matchExpressions.length > 0
          ? []
          : {
              at: `loadBalancer.l2Announcements[${i}].serviceSelector`,
              problem: `${name} announces all services by ARP, and BGP peers announce them as well`,
              fix: "select services that no BGP peer announces, or write services: [] for the peers",
            },
      );
    }),
  }),
];

import {
  canonicalCidr,
  contains,
  familyOf,
  overlaps,
  parseAddress,
  parseCidr,
  usableIn,
} from "../../net/addresses";
import type { RuleResult } from "../../findings/finding";
import { poolMachines } from "../../plan/machines";
import { addressingOf } from "../../stack/addressing";
import { additionalParts, nodeCidrs, nodeNetworkOf, nodeNetworks } from "../../stack/host-networks";
import type { Stack } from "../../stack/schema";
import { type Check, defineCheck, repeated } from "../check";

/** A static route with its place, and the networks in which its router may be. */
interface PlacedRoute {
  readonly at: string;
  readonly to: string;
  readonly via: string;
  readonly networks: readonly string[];
}

/** Every static route that a stack names. */
function routesOf(stack: Stack): readonly PlacedRoute[] {
  return [
    ...nodeNetworks(stack).flatMap(({ at, nodes, secondary, routes }) =>
      placed(at, routes, [nodes, ...(secondary === undefined ? [] : [secondary.nodes])]),
    ),
    ...stack.network.additional.flatMap(({ cidrs, routes }, i) =>
      placed(`network.additional[${i}]`, routes, cidrs),
    ),
  ];
}

function placed(
  at: string,
  routes: readonly { readonly to: string; readonly via: string }[],
  networks: readonly string[],
): readonly PlacedRoute[] {
  return routes.map((route, i) => ({ ...route, at: `${at}.routes[${i}]`, networks }));
}

/** Checks of static routes. */
export const routeChecks: readonly Check[] = [
  defineCheck({
    id: "net/route-router-inside",
    summary: "The router of a static route is inside the network of the route, in the destination's family.",
    why: "the kernel refuses a route through a router that is not on the interface's own network",
    acceptable: false,
    run: (stack) =>
      routesOf(stack).flatMap(({ at, to, via, networks }): RuleResult[] => {
        const router = parseAddress(via);
        const ranges = networks.flatMap((text) => parseCidr(text) ?? []);
        if (router === undefined) return [];
        if (familyOf(to) !== familyOf(via)) {
          return [
            {
              at: `${at}.via`,
              problem: `"${via}" is IPv${router.family}, the destination ${to} is not`,
              fix: `write the router's address in the family of ${to}`,
            },
          ];
        }
        if (ranges.some((range) => contains(usableIn(range), router))) return [];
        return [
          {
            at: `${at}.via`,
            problem: `"${via}" is not a usable address inside ${networks.join(", ")}`,
            fix: "write the router's address in the network of the route",
          },
        ];
      }),
  }),
  defineCheck({
    id: "net/route-destination-usable",
    summary: "Static routes lead to other networks than the hosts' and the cluster's own.",
    why: "a route to a network that the host is in, or that Cilium routes, takes packets away from their way; a default route has a key of its own",
    run: (stack) => {
      const own = [
        ...nodeCidrs(stack).map(({ text }) => text),
        ...stack.network.pods,
        ...stack.network.services,
      ];
      return routesOf(stack).flatMap(({ at, to, networks }): RuleResult[] => {
        const range = parseCidr(to);
        if (range === undefined) return [];
        if (range.prefix === 0) {
          return [
            {
              at: `${at}.to`,
              problem: `"${to}" is the default route`,
              fix: "write it as gateway (gateways of an additional network)",
            },
          ];
        }
        const canonical = canonicalCidr(to);
        if (canonical !== undefined && canonical !== to)
          return [{ at: `${at}.to`, problem: `"${to}" has host bits set`, fix: `write ${canonical}` }];
        // A rack reaches the other racks by routes: only its own network is none.
        const isRack = at.startsWith("network.racks") || at.startsWith("network.routes");
        const clash = (
          isRack ? [...networks, ...stack.network.pods, ...stack.network.services] : [...networks, ...own]
        ).find((text) => {
          const other = parseCidr(text);
          return other !== undefined && overlaps(other, range);
        });
        if (clash === undefined) return [];
        return [
          {
            at: `${at}.to`,
            problem: `"${to}" overlaps ${clash}`,
            fix: `choose destinations outside ${clash}, or remove the route`,
          },
        ];
      });
    },
  }),
  defineCheck({
    id: "net/route-once",
    summary: "A host has one static route to each destination.",
    why: "the kernel keeps one route to a destination, and which one depends on the order of interfaces",
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const node = nodeNetworkOf(stack, host);
        const routes = [
          ...placed(node.at, node.routes, []),
          ...additionalParts(stack, host).flatMap(({ network, networkAt }) =>
            placed(networkAt, network.routes, []),
          ),
        ];
        return repeated(routes, ({ to }) => to).map(([first, again]) => ({
          at: `hosts[${i}]`,
          problem: `${host.name} has two routes to ${again.to}: ${first.at} and ${again.at}`,
          fix: "remove one of the two",
        }));
      }),
  }),
  defineCheck({
    id: "net/routes-applied",
    summary: "Static routes of the nodes' network are written only where their addresses are.",
    why: "machines that use DHCP take their routes from the DHCP server, so these are ignored",
    severity: "warning",
    run: (stack) => {
      const onlyDhcp = poolMachines(stack).every(({ pool }) => addressingOf(stack, pool) === "dhcp");
      if (!onlyDhcp) return [];
      return nodeNetworks(stack).flatMap(({ at, routes }) =>
        routes.length === 0
          ? []
          : {
              at: `${at}.routes`,
              problem: `all machines use DHCP, so ${at}.routes applies to none of them`,
              fix: "remove it and let the DHCP server announce the routes",
            },
      );
    },
  }),
];

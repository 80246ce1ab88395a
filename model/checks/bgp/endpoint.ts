import { familyOf, isInNetwork } from "../../net/addresses";
import { controlPlanePool } from "../../kubernetes/labels";
import { endpointHosts, endpointRouterPort, endpointSessions, isEndpointByBgp } from "../../bgp/endpoint";
import { localAddressOf, selectedHosts } from "../../bgp/nodes";
import { peeringNetwork } from "../../bgp/router/router-share";
import { sessionsOf } from "../../bgp/sessions";
import { addressingOf, hostsForMachines } from "../../stack/addressing";
import { nodeCidrs, nodeNetworkOf } from "../../stack/host-networks";
import type { Host, Stack } from "../../stack/schema";
import { listed } from "../../text/wording";
import { addressKey } from "../net/addresses";
import { type Check, type CheckDefinition, type CheckResults, defineCheck } from "../check";
import { withBgp } from "./routers";

/** A check's run for stacks whose endpoint kube-vip announces by BGP. */
function withEndpoint(run: (stack: Stack) => CheckResults): CheckDefinition["run"] {
  return (stack) => (isEndpointByBgp(stack) ? run(stack) : []);
}

/**
 * What separates the fields of a peer in kube-vip's environment, begins an expression of cloud-init, or stands for something else
 * in sed, which puts the password into the manifest.
 */
const separators = /[,:/{}[\]&]/;

/** Checks of the control plane endpoint that kube-vip announces by BGP. */
export const endpointPeerChecks: readonly Check[] = [
  defineCheck({
    id: "bgp/sessions-given",
    summary: "BGP has instances, or peers of the endpoint.",
    why: "routers without a session receive nothing",
    run: withBgp(({ instances, endpoint }) =>
      instances.length + endpoint.length > 0
        ? []
        : {
            at: "bgp.instances",
            problem: "neither Cilium nor kube-vip has a session with the routers",
            fix: "add an instance, such as [{ localASN: 65010, peers: [{ name: tor, routers: [tor-1] }] }], or remove bgp",
          },
    ),
  }),
  defineCheck({
    id: "bgp/endpoint-by-kube-vip",
    summary: "The endpoint's peers are given only where kube-vip provides the endpoint.",
    why: "an external load balancer announces its address itself, so these peers have no session, and the routers wait for it",
    run: withBgp(({ endpoint }, { kubernetes }) =>
      endpoint.length === 0 || kubernetes.endpoint.provider === "kube-vip"
        ? []
        : {
            at: "bgp.endpoint",
            problem: `kubernetes.endpoint.provider is ${kubernetes.endpoint.provider}, so kube-vip does not run`,
            fix: "remove bgp.endpoint, or write provider: kube-vip",
          },
    ),
  }),
  defineCheck({
    id: "bgp/endpoint-machines-covered",
    summary: "Every control plane host belongs to exactly one peer of the endpoint.",
    why: "kube-vip exits on a machine without a peer, and has one ASN and one pair of timers on each machine",
    acceptable: false,
    run: withEndpoint((stack) => {
      const peers = stack.bgp?.endpoint ?? [];
      const owners = new Map<Host, number>();
      const found = peers.flatMap((peer, i): CheckResults => {
        const hosts = endpointHosts(stack, peer);
        const at = `bgp.endpoint[${i}].failureDomains`;
        const twice = hosts.filter((host) => owners.has(host));
        for (const host of hosts) owners.set(host, owners.get(host) ?? i);
        if (hosts.length === 0) {
          const problem = `no control plane host is in ${listed(peer.failureDomains)}`;
          return [{ at, problem, fix: "write the failureDomain of control plane hosts" }];
        }
        if (twice.length === 0) return [];
        const others = [...new Set(twice.map((host) => `bgp.endpoint[${owners.get(host) ?? 0}]`))];
        return [
          {
            at,
            problem: `${listed(twice.map(({ name }) => name))} also belongs to ${listed(others)}`,
            fix: "write failureDomains so that each control plane host has one entry; several routers of one rack are one entry",
          },
        ];
      });
      const left = hostsForMachines(stack, controlPlanePool).filter((host) => !owners.has(host));
      return [
        ...found,
        ...(left.length === 0
          ? []
          : [
              {
                at: "bgp.endpoint",
                problem: `${listed(left.map(({ name, failureDomain }) => `${name} (${failureDomain ?? "no failureDomain"})`))} has no peer`,
                fix: "add an entry with the failureDomain and the router of its rack",
              },
            ]),
      ];
    }),
  }),
  defineCheck({
    id: "bgp/endpoint-router-reached",
    summary: "Routers of the endpoint have an address of its family and listen on port 179.",
    why: "kube-vip announces an address only over a session of its own family, and connects to no other port",
    acceptable: false,
    run: withEndpoint((stack) => {
      const family = familyOf(stack.kubernetes.endpoint.host);
      return (stack.bgp?.endpoint ?? []).flatMap(({ routers }, i) =>
        routers.flatMap((name, k): CheckResults => {
          const router = stack.bgp?.routers.find((each) => each.name === name);
          const at = `bgp.endpoint[${i}].routers[${k}]`;
          if (router === undefined) return [];
          if (!router.addresses.some((address) => familyOf(address) === family)) {
            const problem = `${name} has no ${family} address, and the endpoint is ${stack.kubernetes.endpoint.host}`;
            return [{ at, problem, fix: `add the ${family} address of ${name} to bgp.routers` }];
          }
          if (router.port === endpointRouterPort) return [];
          const problem = `${name} listens on port ${router.port}, and kube-vip connects to ${endpointRouterPort}`;
          return [
            { at, problem, fix: `let ${name} listen on ${endpointRouterPort}, or name another router` },
          ];
        }),
      );
    }),
  }),
  defineCheck({
    id: "bgp/endpoint-router-id",
    summary: "The first address of control plane nodes is an IPv4 address where kube-vip speaks BGP.",
    why: "kube-vip takes the node's first address as its BGP identifier, which has the form of an IPv4 address, and exits at another one",
    acceptable: false,
    run: withEndpoint((stack) => {
      const hosts = hostsForMachines(stack, controlPlanePool);
      const first = hosts.find((host) => familyOf(nodeNetworkOf(stack, host).nodes) === "ipv6");
      if (first === undefined) return [];
      const { at, nodes } = nodeNetworkOf(stack, first);
      return {
        at: `${at}.nodes`,
        problem: `${nodes} of ${first.name} is an IPv6 network, and kube-vip needs an IPv4 address as its BGP identifier`,
        fix: "write the IPv4 network as nodes and the IPv6 network as secondary, or provider: external",
      };
    }),
  }),
  defineCheck({
    id: "bgp/endpoint-outside-segments",
    summary: "An endpoint that is announced by BGP is outside every network of the machines.",
    why: "machines of that network resolve the address by ARP, which is not answered, instead of sending packets to their router",
    acceptable: false,
    run: withEndpoint((stack) => {
      const { host } = stack.kubernetes.endpoint;
      const networks = [
        ...nodeCidrs(stack),
        ...stack.network.additional.flatMap(({ cidrs }, i) =>
          cidrs.map((text, j) => ({ at: `network.additional[${i}].cidrs[${j}]`, text })),
        ),
      ];
      return networks
        .filter(({ text }) => isInNetwork(host, text))
        .map(({ at, text }) => ({
          at: "kubernetes.endpoint.host",
          problem: `${host} is inside ${at} ${text}`,
          fix: "write an address of no network, which the routers carry as a host route, or remove bgp.endpoint: kube-vip then answers ARP",
        }));
    }),
  }),
  defineCheck({
    id: "bgp/endpoint-routed",
    summary: "Every machine has a gateway, or a route, to an endpoint that is announced by BGP.",
    why: "the address is in no network of the machines, so without a route kubelets and Cilium reach no API server",
    run: withEndpoint((stack) => {
      const { host: endpoint } = stack.kubernetes.endpoint;
      const networks = new Map(
        stack.hosts
          .filter((host) => addressingOf(stack, host.pool) !== "dhcp")
          .map((host) => [nodeNetworkOf(stack, host).at, nodeNetworkOf(stack, host)]),
      );
      return [...networks.values()]
        .filter(({ gateway, routes, secondary }) => {
          const gateways = [gateway, secondary?.gateway].filter((each) => each !== undefined);
          const isGiven = gateways.some((each) => familyOf(each) === familyOf(endpoint));
          return !isGiven && !routes.some(({ to }) => isInNetwork(endpoint, to));
        })
        .map(({ at }) => ({
          at: `${at}.gateway`,
          problem: `machines of ${at} have no gateway and no route to ${endpoint}`,
          fix: "write the router of that network as gateway, or a route to the endpoint",
        }));
    }),
  }),
  // Seen with FRR 8.4.4: the second session from one address ends with Cease/Connection Collision Resolution (RFC 4271, 6.8).
  defineCheck({
    id: "bgp/one-speaker-per-router",
    summary: "kube-vip and Cilium have no session with one router from the same address.",
    why: "a router has one session per address of a neighbour and closes the second one again and again: the endpoint, or the node's pods and services, are unreachable",
    acceptable: false,
    run: withEndpoint((stack) => {
      const { bgp } = stack;
      if (bgp === undefined) return [];
      const overrides = new Map(bgp.nodeOverrides.map((override) => [override.host, override]));
      return endpointSessions(stack).flatMap(({ router, family, address, hosts, at }) => {
        const rivals = sessionsOf(bgp).filter(
          (session) => session.router === router && session.family === family,
        );
        return rivals.flatMap(({ instance, at: peerAt }) => {
          const selected = selectedHosts(stack, instance);
          const both = hosts.filter((host) => {
            if (!selected.includes(host)) return false;
            const own = peeringNetwork(stack, host, { address, family })?.address;
            const ofCilium = localAddressOf(overrides.get(host.name), router, family) ?? own;
            // An address that is not known before is one and the same unless Cilium's is stated.
            return own === undefined || ofCilium === undefined
              ? ofCilium === own
              : addressKey(ofCilium) === addressKey(own);
          });
          if (both.length === 0) return [];
          return {
            at,
            problem: `kube-vip and Cilium (${peerAt}) would both peer with ${router.name} from ${listed(both.map(({ name }) => name))}`,
            fix: "leave the control plane out of Cilium's instance (nodes.pools), or give Cilium's sessions of these hosts another address with bgp.nodeOverrides[].localAddresses",
          };
        });
      });
    }),
  }),
  defineCheck({
    id: "bgp/endpoint-password-plain",
    summary: "Passwords of the endpoint's peers hold none of the characters , : / & { } [ ].",
    why: "kube-vip separates the fields of its peers with such characters and splits the password, so it never has a session",
    acceptable: false,
    run: ({ bgp }, secrets) =>
      (bgp?.endpoint ?? []).flatMap((_, i) =>
        separators.test(secrets?.get(`bgp.endpoint[${i}].password`) ?? "")
          ? {
              at: `bgp.endpoint[${i}].password`,
              problem: "the password contains one of , : / & { } [ ]",
              fix: "use letters, digits and . _ @ ( ) + = ~ ^ * % $ ; | < > -",
            }
          : [],
      ),
  }),
];

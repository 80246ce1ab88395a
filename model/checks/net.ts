import { canonicalCidr, contains, overlaps, parseAddress, parseCidr } from "../addresses/range";
import type { Stack } from "../config/schema";
import { type Check, defineCheck, pairs } from "./check";

interface NamedRange {
  readonly at: string;
  readonly text: string;
}

function networksOf(stack: Stack): readonly NamedRange[] {
  const { nodes, pods, services } = stack.network;
  return [
    { at: "network.nodes", text: nodes },
    ...pods.map((text, i) => ({ at: `network.pods[${i}]`, text })),
    ...services.map((text, i) => ({ at: `network.services[${i}]`, text })),
    ...(stack.bgp?.loadBalancerPools ?? []).flatMap((pool, i) =>
      pool.blocks.map((text, j) => ({ at: `bgp.loadBalancerPools[${i}].blocks[${j}]`, text })),
    ),
  ];
}

/** Checks of the address plan. */
export const netChecks: readonly Check[] = [
  defineCheck({
    id: "net/cidrs-canonical",
    why: "a network with host bits set is read differently by kubeadm, Cilium and the router",
    run: (stack) =>
      networksOf(stack).flatMap(({ at, text }) => {
        const canonical = canonicalCidr(text);
        if (canonical === undefined || canonical === text) return [];
        return [{ at, problem: `"${text}" has host bits set`, fix: `write ${canonical}` }];
      }),
  }),
  defineCheck({
    id: "net/cidrs-disjoint",
    why: "an address that belongs to two networks is routed to only one of them",
    run: (stack) =>
      pairs(networksOf(stack)).flatMap(([a, b]) => {
        const [one, other] = [parseCidr(a.text), parseCidr(b.text)];
        if (one === undefined || other === undefined || !overlaps(one, other)) return [];
        return [
          {
            at: b.at,
            problem: `${b.text} overlaps ${a.at} ${a.text}`,
            fix: `choose a range outside ${a.text}`,
          },
        ];
      }),
  }),
  defineCheck({
    id: "net/endpoint-in-node-network",
    why: "nodes reach the control plane endpoint without a router only inside their own network",
    run: ({ network, kubernetes }) => {
      const nodes = parseCidr(network.nodes);
      const endpoint = parseAddress(kubernetes.endpoint.host);
      if (kubernetes.endpoint.provider === "external" || nodes === undefined || endpoint === undefined)
        return [];
      if (contains(nodes, endpoint)) return [];
      return [
        {
          at: "kubernetes.endpoint.host",
          problem: `${endpoint.text} is outside network.nodes ${network.nodes}`,
          fix: `choose a free address inside ${network.nodes}`,
        },
      ];
    },
  }),
  defineCheck({
    id: "net/addresses-unique",
    why: "two machines with one address cut each other off",
    run: ({ hosts, kubernetes, network }) => {
      const owners = [
        { at: "kubernetes.endpoint.host", address: kubernetes.endpoint.host },
        ...(network.gateway === undefined ? [] : [{ at: "network.gateway", address: network.gateway }]),
        ...hosts.flatMap(({ address }, i) =>
          address === undefined ? [] : [{ at: `hosts[${i}].address`, address }],
        ),
      ];
      return pairs(owners)
        .filter(([a, b]) => parseAddress(a.address)?.first === parseAddress(b.address)?.first)
        .map(([a, b]) => ({
          at: b.at,
          problem: `"${b.address}" is also the address of ${a.at}`,
          fix: "correct one of the two",
        }));
    },
  }),
  defineCheck({
    id: "net/host-addresses-in-node-network",
    why: "a node outside its network has no route to the endpoint",
    run: ({ hosts, network }) =>
      hosts.flatMap(({ address, name }, i) => {
        const nodes = parseCidr(network.nodes);
        const own = address === undefined ? undefined : parseAddress(address);
        if (nodes === undefined || own === undefined || contains(nodes, own)) return [];
        return [
          {
            at: `hosts[${i}].address`,
            problem: `"${own.text}" of ${name} is outside network.nodes ${network.nodes}`,
            fix: `choose a free address inside ${network.nodes}`,
          },
        ];
      }),
  }),
];

import { allFamilies, familyOf, parseAddress } from "../../net/addresses";
import type { Bgp, BgpRouter, Stack } from "../../stack/schema";
import { listed, nearest } from "../../text/wording";
import { descriptionForm, reservedWords } from "../../bgp/router/frr-line";
import { mergeRouters, peerGroupRules } from "../../bgp/router/merge";
import { routerShares } from "../../bgp/router/router-share";
import { type Check, type CheckDefinition, type CheckResults, defineCheck, duplicates } from "../check";
import { addressKey, machineAddresses } from "../net/addresses";
import { clusterNetworksWith } from "../net/networks";

/** Every peer with its instance and its place in the stack file. */
export function peersOf(bgp: Bgp | undefined) {
  return (bgp?.instances ?? []).flatMap((instance, i) =>
    instance.peers.map((peer, j) => ({ peer, instance, at: `bgp.instances[${i}].peers[${j}]` })),
  );
}

/** Every peer of Cilium's instances and of the endpoint, with what both have. */
export function everyPeerOf(bgp: Bgp | undefined) {
  return [
    ...peersOf(bgp).map(({ peer, instance, at }) => ({ peer, localASN: instance.localASN, at })),
    ...(bgp?.endpoint ?? []).map((peer, i) => ({
      peer,
      localASN: peer.localASN,
      at: `bgp.endpoint[${i}]`,
    })),
  ];
}

/** A check's run for stacks with BGP. */
export function withBgp(run: (bgp: Bgp, stack: Stack) => CheckResults): CheckDefinition["run"] {
  return (stack) => (stack.bgp === undefined ? [] : run(stack.bgp, stack));
}

/** Every router with its place in the stack file. */
export function routersOf(bgp: Bgp | undefined) {
  return (bgp?.routers ?? []).map((router, i) => ({ router, at: `bgp.routers[${i}]` }));
}

/** The routers that a peer names, in the stack file's order. */
export function routersOfPeer(bgp: Bgp, { routers }: Bgp["instances"][number]["peers"][number]) {
  const byName = routersByName.get(bgp) ?? indexed(bgp);
  routersByName.set(bgp, byName);
  return [...new Set(routers)]
    .flatMap((name) => byName.get(name) ?? [])
    .sort((a, b) => a.order - b.order)
    .map(({ router }) => router);
}

type Indexed = { readonly router: BgpRouter; readonly order: number };

/** Checks look up the routers of each peer, and a stack does not change. */
const routersByName = new WeakMap<Bgp, ReadonlyMap<string, readonly Indexed[]>>();

function indexed({ routers }: Bgp): ReadonlyMap<string, readonly Indexed[]> {
  const byName = new Map<string, Indexed[]>();
  routers.forEach((router, order) => {
    const same = byName.get(router.name);
    if (same === undefined) byName.set(router.name, [{ router, order }]);
    else same.push({ router, order });
  });
  return byName;
}

/** `ssh://user@host[:port]`; ssh would treat a host that begins with a dash as an option. */
export const sshTargetForm =
  /^ssh:\/\/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/;

/** Checks of routers. */
export const routerChecks: readonly Check[] = [
  defineCheck({
    id: "bgp/router-names-unique",
    summary: "Every router has a distinct name.",
    why: "peers refer to routers by name",
    run: ({ bgp }) =>
      duplicates(
        routersOf(bgp).map(({ router, at }) => ({ text: router.name, at: `${at}.name` })),
        "give each router its own name",
      ),
  }),
  defineCheck({
    id: "bgp/router-exists",
    summary: "Peers name existing routers.",
    why: "a peer without its router has no session",
    run: ({ bgp }) => {
      const names = (bgp?.routers ?? []).map(({ name }) => name);
      const known = new Set(names);
      return everyPeerOf(bgp).flatMap(({ peer, at }) =>
        peer.routers.flatMap((name, i) => {
          if (known.has(name)) return [];
          const guess = nearest(name, names);
          return {
            at: `${at}.routers[${i}]`,
            problem: `there is no router "${name}"`,
            fix: guess === undefined ? `use one of ${listed(names)}` : `did you mean "${guess}"?`,
          };
        }),
      );
    },
  }),
  defineCheck({
    id: "bgp/router-peered",
    summary: "Every router belongs to a peer.",
    why: "a router without a peer gets no session and an empty configuration",
    severity: "warning",
    run: ({ bgp }) => {
      const named = new Set(everyPeerOf(bgp).flatMap(({ peer }) => peer.routers));
      return routersOf(bgp)
        .filter(({ router }) => !named.has(router.name))
        .map(({ router, at }) => ({
          at,
          problem: `no peer has a session with router ${router.name}`,
          fix: `add ${router.name} to the routers of a peer, or remove it`,
        }));
    },
  }),
  defineCheck({
    id: "bgp/router-address-unique",
    summary: "Every router address is distinct from other routers, hosts and the endpoint.",
    why: "sessions with the same address are one session, and packets for a node's address reach the node",
    run: (stack) => {
      const routers = routersOf(stack.bgp).flatMap(({ router, at }) =>
        router.addresses.map((text, i) => ({ text, at: `${at}.addresses[${i}]` })),
      );
      const all = [...machineAddresses(stack), ...routers];
      return duplicates(all, "write the router's own address", addressKey).filter(({ at }) =>
        at.startsWith("bgp."),
      );
    },
  }),
  defineCheck({
    id: "bgp/router-address-outside",
    summary: "Router addresses are outside the pod, service and load balancer networks.",
    why: "a node sends packets for the cluster's own networks into the cluster, never to the router",
    run: (stack) =>
      routersOf(stack.bgp).flatMap(({ router, at }) =>
        router.addresses.flatMap((address, i) => {
          const [inside] = clusterNetworksWith(stack, parseAddress(address));
          if (inside === undefined) return [];
          return {
            at: `${at}.addresses[${i}]`,
            problem: `"${address}" of ${router.name} is inside ${inside.at} ${inside.text}`,
            fix: `write the router's own address, outside ${inside.text}`,
          };
        }),
      ),
  }),
  defineCheck({
    id: "bgp/router-address-per-family",
    summary: "Every router has at most one address of each family.",
    why: "each family has one session, with the first address of that family",
    run: ({ bgp }) =>
      routersOf(bgp).flatMap(({ router, at }) =>
        allFamilies.flatMap((family) => {
          const own = router.addresses.filter((address) => familyOf(address) === family);
          if (own.length < 2) return [];
          return {
            at: `${at}.addresses`,
            problem: `${router.name} has ${own.length} ${family} addresses: ${own.join(", ")}`,
            fix: "write one per family, and list further routers separately",
          };
        }),
      ),
  }),
  defineCheck({
    id: "bgp/router-id-known",
    summary: "Every router has a BGP identifier.",
    why: "a BGP identifier has the form of an IPv4 address; without one no session starts",
    run: ({ bgp }) => [
      ...routersOf(bgp)
        .filter(({ router: { routerId, addresses } }) => {
          return routerId === undefined && !addresses.some((address) => familyOf(address) === "ipv4");
        })
        .map(({ router, at }) => ({
          at: `${at}.routerId`,
          problem: `router ${router.name} has neither an IPv4 address nor a router ID`,
          fix: "write the router's ID, such as 192.0.2.1",
        })),
      ...[
        ...routersOf(bgp).flatMap(({ router, at }) => [
          { id: router.routerId, at: `${at}.routerId` },
          { id: router.clusterId, at: `${at}.clusterId` },
        ]),
        ...(bgp?.nodeOverrides ?? []).map(({ routerId }, i) => ({
          id: routerId,
          at: `bgp.nodeOverrides[${i}].routerId`,
        })),
      ]
        .filter(({ id }) => id !== undefined && (familyOf(id) === "ipv6" || id === "0.0.0.0"))
        .map(({ id, at }) => ({
          at,
          problem: `"${id ?? ""}" is not a BGP identifier`,
          fix: "write it in the form of an IPv4 address, such as 192.0.2.1",
        })),
    ],
  }),
  defineCheck({
    id: "bgp/description-plain",
    summary: "Router descriptions fit into one line of FRR's configuration.",
    why: "a description must not be able to begin a line of the router's configuration",
    acceptable: false,
    run: ({ bgp }) =>
      routersOf(bgp)
        .filter(({ router: { description: text } }) => {
          return text !== undefined && (!descriptionForm.test(text) || reservedWords.includes(text));
        })
        .map(({ router, at }) => ({
          at: `${at}.description`,
          problem: `${JSON.stringify(router.description)} does not fit into one line of FRR`,
          fix: "use at most 80 letters, digits, blanks and . _ : / @ ( ) + , = -",
        })),
  }),
  defineCheck({
    id: "bgp/management-form",
    summary: "A router's management address is an SSH URL.",
    why: "the router's running configuration is read over SSH",
    run: ({ bgp }) =>
      routersOf(bgp)
        .filter(({ router: { management } }) => management !== undefined && !sshTargetForm.test(management))
        .map(({ router, at }) => ({
          at: `${at}.management`,
          problem: `${JSON.stringify(router.management)} is not an SSH URL`,
          fix: "write a URL such as ssh://admin@192.168.254.1",
        })),
  }),
  defineCheck({
    id: "bgp/groups-distinct",
    summary: "Each listen range and node address belongs to one peer group of a router.",
    why: "a router assigns a listen range or a node's address to one peer group only; the later line wins silently",
    run: (stack) => {
      if (stack.bgp === undefined) return [];
      return mergeRouters(routerShares(stack, stack.bgp))
        .findings.filter(({ id }) => peerGroupRules.includes(id))
        .map(({ problem, fix }) => ({ at: "bgp.routers", problem, fix }));
    },
  }),
];

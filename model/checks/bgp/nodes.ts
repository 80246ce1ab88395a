import { type Family, allFamilies, familyOf, parseAddress, parseCidr } from "../../net/addresses";
import { networksAround } from "../../net/overlaps";
import { localAddressOf, localAddressesOf, selectedHosts } from "../../bgp/nodes";
import { sessionsOf } from "../../bgp/sessions";
import type { Bgp, BgpInstance, Host, Stack } from "../../stack/schema";
import { networksOf } from "../../stack/host-networks";
import { listed } from "../../text/wording";
import { routerShares } from "../../bgp/router/router-share";
import { type Check, type CheckResults, defineCheck, duplicates } from "../check";
import { machinePools } from "../../plan/machines";
import { addressKey } from "../net/addresses";
import { withBgp } from "./routers";

/** Checks of the nodes that have sessions, and of their addresses. */
export const nodeChecks: readonly Check[] = [
  defineCheck({
    id: "bgp/nodes-selected",
    summary: "Every BGP instance selects a host of the inventory.",
    why: "an instance that selects no node starts no session, and the wait for it would never end",
    run: (stack) =>
      (stack.bgp?.instances ?? []).flatMap((instance, i) => {
        if (selectedHosts(stack, instance).length > 0) return [];
        const pools = machinePools(stack).map(({ name }) => name);
        const domains = [...new Set(stack.hosts.flatMap(({ failureDomain }) => failureDomain ?? []))];
        const known = domains.length === 0 ? "" : `; failure domains ${domains.join(", ")}`;
        return {
          at: `bgp.instances[${i}].nodes`,
          problem: `instance ${instance.name} selects no host of the inventory`,
          fix: `there are the pools ${pools.join(", ")}${known}, and the labels of the pools; every host of a pool needs a failure domain`,
        };
      }),
  }),
  defineCheck({
    id: "bgp/nodes-selected-once",
    summary: "Every node belongs to one BGP instance at most.",
    why: "Cilium ignores the later of two configurations that select the same node",
    run: (stack) => {
      const instances = stack.bgp?.instances ?? [];
      const owners = new Map<Host, number>();
      return instances.flatMap((instance, i) => {
        const taken = new Map<number, string[]>();
        for (const host of selectedHosts(stack, instance)) {
          const owner = owners.get(host);
          if (owner === undefined) owners.set(host, i);
          else if (owner !== i)
            taken
              .set(owner, taken.get(owner) ?? [])
              .get(owner)
              ?.push(host.name);
        }
        return [...taken].map(([owner, names]) => ({
          at: `bgp.instances[${i}].nodes`,
          problem: `${listed(names)} also belongs to bgp.instances[${owner}] (${instances[owner]?.name ?? ""})`,
          fix: "narrow nodes.pools, nodes.failureDomains or nodes.labels so that each node has one instance",
        }));
      });
    },
  }),
  defineCheck({
    id: "bgp/override-host-exists",
    summary: "Node overrides name a host of an instance, each host once.",
    why: "settings of a host that no instance selects, or that has two entries, apply to no session",
    run: (stack) => {
      const overrides = stack.bgp?.nodeOverrides ?? [];
      const running = (stack.bgp?.instances ?? []).flatMap((instance) => selectedHosts(stack, instance));
      const names = new Set(running.map(({ name }) => name));
      return [
        ...overrides.flatMap(({ host }, i) =>
          names.has(host)
            ? []
            : {
                at: `bgp.nodeOverrides[${i}].host`,
                problem: `no instance selects a host "${host}"`,
                fix: `use one of ${listed([...names])}`,
              },
        ),
        ...duplicates(
          overrides.map(({ host: text }, i) => ({ text, at: `bgp.nodeOverrides[${i}].host` })),
          "combine all settings of a host in one entry",
        ),
      ];
    },
  }),
  defineCheck({
    id: "bgp/node-address-known",
    summary: "The addresses of all nodes with a session are known, or covered by a listen range.",
    why: "a router accepts sessions only from addresses in its configuration",
    run: withBgp((bgp, stack) =>
      routerShares(stack, bgp).flatMap(({ groups, router }, i) =>
        groups
          .filter(({ listenRanges, hosts }) => {
            return listenRanges.length === 0 && hosts.some(({ address }) => address === undefined);
          })
          .map(({ family, hosts }) => ({
            at: `bgp.routers[${i}].listenRanges`,
            problem: `the ${family} addresses of ${listed(hosts.flatMap(({ name, address }) => (address === undefined ? [name] : [])))} are unknown, so ${router} would refuse them`,
            fix: `add the nodes' ${family} network to listenRanges, or localAddresses to nodeOverrides`,
          })),
      ),
    ),
  }),
  defineCheck({
    id: "bgp/listen-ranges-cover-nodes",
    summary: "A router's listen ranges contain the addresses of all its nodes.",
    why: "a router with a listen range refuses every node outside it, and its state does not show that",
    run: withBgp((bgp, stack) =>
      routerShares(stack, bgp).flatMap(({ groups }, i) =>
        groups.flatMap(({ hosts, listenRanges, family }) => {
          if (listenRanges.length === 0) return [];
          const find = networksAround(
            listenRanges.flatMap((text) => {
              const range = parseCidr(text);
              return range === undefined ? [] : [{ range }];
            }),
          );
          const outside = hosts.filter(({ address }) => {
            const own = address === undefined ? undefined : parseAddress(address);
            return own !== undefined && find(own).length === 0;
          });
          if (outside.length === 0) return [];
          return {
            at: `bgp.routers[${i}].listenRanges`,
            problem: `${listed(outside.map(({ name, address }) => `${name} (${address ?? ""})`))} is outside ${listed(listenRanges)} (${family})`,
            fix: "extend the range, or leave listenRanges out: one line per host",
          };
        }),
      ),
    ),
  }),
  defineCheck({
    id: "bgp/local-address-per-session",
    summary: "Every local address of a node belongs to exactly one session.",
    why: "a session starts from one address, and the router does not expect any other",
    run: withBgp((bgp, stack) => {
      const routersOf = sessionRouters(stack, bgp);
      return bgp.nodeOverrides.flatMap((override, i) => {
        const at = `bgp.nodeOverrides[${i}].localAddresses`;
        const routers = routersOf(override.host);
        const own = localAddressesOf(override).map((entry) => ({
          ...entry,
          family: familyOf(entry.address),
        }));
        const unknown = own.flatMap(({ router, family }, j): CheckResults => {
          const known = routers.filter((one) => one.families.includes(family)).map(({ name }) => name);
          return router === undefined || routers.length === 0 || known.includes(router)
            ? []
            : {
                at: `${at}[${j}].router`,
                problem: `${override.host} has no ${family} session with a router "${router}"`,
                fix: known.length === 0 ? "remove the entry" : `use one of ${listed(known)}`,
              };
        });
        const ambiguous = [undefined, ...new Set(own.flatMap(({ router }) => router ?? []))].flatMap(
          (router) =>
            allFamilies.flatMap((family): CheckResults => {
              const same = own.filter((each) => each.router === router && each.family === family);
              const peering = routers.filter((one) => one.families.includes(family)).map(({ name }) => name);
              const isSettled = bgp.routers
                .filter(({ name }) => peering.includes(name))
                .every((one) => localAddressOf(override, one, family) !== undefined);
              if (same.length < 2 || (router === undefined && peering.length > 0 && isSettled)) return [];
              const addresses = same.map(({ address }) => address);
              return {
                at,
                problem: `${addresses.join(", ")}: ${same.length} ${family} addresses for ${router ?? "every router"}`,
                fix:
                  router === undefined
                    ? `state the router of each, such as { router: ${routers[0]?.name ?? "tor-1"}, address: "${addresses[0] ?? ""}" }, or add listenRanges to the routers`
                    : "write one of them",
              };
            }),
        );
        return [...unknown, ...ambiguous];
      });
    }),
  }),
  defineCheck({
    id: "bgp/local-address-of-host",
    summary: "The local addresses of a node are addresses that the stack gives its host.",
    why: "a session cannot start from an address that the node does not have",
    severity: "warning",
    run: withBgp((bgp, stack) => {
      const hosts = new Map(stack.hosts.toReversed().map((host) => [host.name, host]));
      return bgp.nodeOverrides.flatMap((override, i) => {
        const host = hosts.get(override.host);
        const networks = host === undefined ? [] : networksOf(stack, host);
        // Addresses from DHCP or pools are not known before.
        if (host === undefined || networks.some(({ address }) => address === undefined)) return [];
        const own = networks.flatMap(({ address }) => (address === undefined ? [] : addressKey(address)));
        return localAddressesOf(override).flatMap(({ address }, j) =>
          own.includes(addressKey(address))
            ? []
            : {
                at: `bgp.nodeOverrides[${i}].localAddresses[${j}]`,
                problem: `"${address}" is no address of ${host.name}: ${listed(networks.flatMap(({ address: known }) => known ?? []))}`,
                fix: "add its network to network.additional and to the host's networks, or accept this where the image sets it",
              },
        );
      });
    }),
  }),
];

/** Finds the routers with which a host's node has sessions, and their families. */
function sessionRouters(stack: Stack, bgp: Bgp) {
  const byInstance = new Map<BgpInstance, Map<string, Family[]>>();
  for (const { instance, router, family } of sessionsOf(bgp)) {
    const routers = byInstance.get(instance) ?? new Map<string, Family[]>();
    byInstance.set(instance, routers);
    const families = routers.get(router.name);
    if (families === undefined) routers.set(router.name, [family]);
    else families.push(family);
  }
  const byHost = new Map<string, BgpInstance[]>();
  for (const instance of bgp.instances)
    for (const { name } of selectedHosts(stack, instance)) {
      const instances = byHost.get(name);
      if (instances === undefined) byHost.set(name, [instance]);
      else instances.push(instance);
    }
  return (host: string) => {
    const found = (byHost.get(host) ?? []).flatMap((instance) => [...(byInstance.get(instance) ?? [])]);
    const families = new Map<string, readonly Family[]>();
    for (const [name, own] of found) families.set(name, [...(families.get(name) ?? []), ...own]);
    return [...families].map(([name, own]) => ({ name, families: own }));
  };
}

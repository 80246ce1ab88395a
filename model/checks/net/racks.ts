import { familyOf } from "../../net/addresses";
import { addressingOf } from "../../stack/addressing";
import { nodeNetworkOf } from "../../stack/host-networks";
import { listed, nearest } from "../../text/wording";
import { type Check, defineCheck, duplicates } from "../check";

/** Checks of racks whose nodes have a network of their own. */
export const rackChecks: readonly Check[] = [
  defineCheck({
    id: "net/rack-has-hosts",
    summary: "Every rack of network.racks is the failure domain of a host.",
    why: "hosts belong to a rack by their failureDomain; a misspelt one leaves them in network.nodes",
    run: ({ network, hosts }) => {
      const known = [...new Set(hosts.flatMap(({ failureDomain }) => failureDomain ?? []))];
      return network.racks.flatMap(({ failureDomain: name }, i) => {
        if (known.includes(name)) return [];
        const guess = nearest(name, known);
        return {
          at: `network.racks[${i}].failureDomain`,
          problem: `"${name}" is the failure domain of no host`,
          fix:
            guess !== undefined
              ? `did you mean "${guess}"?`
              : known.length === 0
                ? "add failureDomain to the hosts of the rack"
                : `use ${listed(known)}, or add failureDomain: ${name} to the hosts of the rack`,
          ...(guess === undefined ? {} : { write: guess }),
        };
      });
    },
  }),
  defineCheck({
    id: "net/racks-unique",
    summary: "Each rack has one node network.",
    why: "the hosts of a rack have their addresses in one network; of two the first applies",
    acceptable: false,
    run: ({ network }) =>
      duplicates(
        network.racks.map(({ failureDomain: text }, i) => ({
          at: `network.racks[${i}].failureDomain`,
          text,
        })),
        "keep one of the two",
      ),
  }),
  defineCheck({
    id: "net/rack-families",
    summary: "The networks of all racks have the families of network.nodes and network.secondary.",
    why: "all machines of a pool register with the same families, in the same order",
    acceptable: false,
    run: ({ network }) =>
      network.racks.flatMap(({ nodes, secondary, failureDomain }, i) => {
        if (familyOf(nodes) !== familyOf(network.nodes)) {
          return {
            at: `network.racks[${i}].nodes`,
            problem: `${nodes} of ${failureDomain} is of another family than network.nodes ${network.nodes}`,
            fix: `write the rack's network in the family of ${network.nodes}`,
          };
        }
        if ((secondary === undefined) === (network.secondary === undefined)) return [];
        return {
          at: `network.racks[${i}].secondary`,
          problem:
            secondary === undefined
              ? `${failureDomain} has no network in the family of network.secondary ${network.secondary?.nodes ?? ""}`
              : `${failureDomain} has ${secondary.nodes}, and there is no network.secondary`,
          fix:
            secondary === undefined
              ? "add the rack's network in this family"
              : "add network.secondary, or remove it",
        };
      }),
  }),
  defineCheck({
    id: "net/rack-hosts-fixed",
    summary: "Hosts in racks with their own networks have fixed addresses or DHCP.",
    why: "all machines of a pool are made from one template, whose address pool and gateway are those of one network",
    acceptable: false,
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const { at, nodes } = nodeNetworkOf(stack, host);
        if (at === "network" || addressingOf(stack, host.pool) !== "pool") return [];
        return {
          at: `hosts[${i}].address`,
          problem: `${host.name} is in ${at}.nodes ${nodes}, and pool ${host.pool} takes its addresses from network.addressPool`,
          fix: `give every host of pool ${host.pool} an address`,
        };
      }),
  }),
];

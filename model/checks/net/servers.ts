import {
  type Family,
  contains,
  familyOf,
  parseAddress,
  parseCidr,
  specialRangeOf,
} from "../../net/addresses";
import { addressingOf } from "../../stack/addressing";
import { additionalParts, networksOf, nodeNetworkOf } from "../../stack/host-networks";
import { poolMachines } from "../../plan/machines";
import { type Check, defineCheck, duplicates } from "../check";
import { addressKey, machineAddresses } from "./addresses";
import { misplacement } from "./networks";

/** glibc reads three (MAXNS), and the kubelet truncates the list for pods. */
const mostServers = 3;

const hostName =
  /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\.?$/i;

/** Checks of name servers and time servers. */
export const serverChecks: readonly Check[] = [
  defineCheck({
    id: "net/dns-given",
    summary: "Machines with fixed or pooled addresses have a name server.",
    why: "a node with a fixed address and no name server cannot resolve a registry or mirror by name",
    severity: "warning",
    run: (stack) => {
      const written = poolMachines(stack).some(({ pool }) => addressingOf(stack, pool) !== "dhcp");
      if (!written || stack.network.dns.length > 0) return [];
      return {
        at: "network.dns",
        problem: "machines with fixed or pooled addresses get no name server",
        fix: "add network.dns, or accept this when the image brings its own",
      };
    },
  }),
  defineCheck({
    id: "net/dns-usable",
    summary:
      "Name servers are neither special-purpose addresses nor addresses inside the cluster's networks.",
    why: "a node whose name server is itself, or a pod that starts later, cannot resolve the registry of the first images",
    run: (stack) =>
      stack.network.dns.flatMap((text, i) => {
        const problem = misplacement(stack, parseAddress(text));
        if (problem === undefined) return [];
        return {
          at: `network.dns[${i}]`,
          problem: `"${text}" ${problem}`,
          fix: "write a name server of your network, outside the cluster",
        };
      }),
  }),
  defineCheck({
    id: "net/dns-reachable",
    summary: "Name servers outside the node network are reachable through a gateway.",
    why: "without a default route a node reaches nothing outside its own network, and kubeadm cannot pull images",
    run: (stack) => {
      const written = poolMachines(stack).some(({ pool }) => addressingOf(stack, pool) !== "dhcp");
      if (!written) return [];
      const found = stack.hosts.flatMap((host) => {
        const node = nodeNetworkOf(stack, host);
        const own = networksOf(stack, host).flatMap(({ cidr }) => parseCidr(cidr) ?? []);
        const isDefault = (family: Family) =>
          [
            node.gateway,
            node.secondary?.gateway,
            ...additionalParts(stack, host).flatMap(({ network }) => network.gateways),
          ].some((gateway) => gateway !== undefined && familyOf(gateway) === family);
        const routed = [
          ...node.routes,
          ...additionalParts(stack, host).flatMap(({ network }) => network.routes),
        ].flatMap(({ to }) => parseCidr(to) ?? []);
        return node.dns.flatMap((server, i) => {
          const address = parseAddress(server);
          if (address === undefined || isDefault(familyOf(server))) return [];
          if ([...own, ...routed].some((range) => contains(range, address))) return [];
          const at = stack.network.dns.includes(server)
            ? `network.dns[${stack.network.dns.indexOf(server)}]`
            : `${node.at}.dns[${i}]`;
          return [
            {
              at,
              problem: `"${server}" is outside ${node.at}.nodes ${node.nodes}, and there is no ${node.at}.gateway`,
              fix: `set ${node.at}.gateway, or name a server inside the nodes' network`,
            },
          ];
        });
      });
      return [...new Map(found.map((each) => [each.at, each])).values()];
    },
  }),
  defineCheck({
    id: "net/dns-not-in-cluster",
    summary: "No name server runs on this cluster's own machines.",
    why: "a name server that the stack itself installs is not available while the stack is being installed",
    run: (stack) =>
      stack.network.dns.flatMap((text, i) =>
        machineAddresses(stack)
          .filter((own) => own.text !== stack.network.gateway && addressKey(own.text) === addressKey(text))
          .map((own) => ({
            at: `network.dns[${i}]`,
            problem: `"${text}" is ${own.at}`,
            fix: "write a name server of your network, outside the cluster",
          })),
      ),
  }),
  defineCheck({
    id: "net/dns-entries-unique",
    summary: "Each name server is listed once.",
    why: "a duplicate entry adds no redundancy: the same server is queried twice when it is down",
    run: ({ network }) =>
      duplicates(
        network.dns.map((text, i) => ({ at: `network.dns[${i}]`, text })),
        "name another server, or remove it",
        addressKey,
      ),
  }),
  defineCheck({
    id: "net/dns-at-most-three",
    summary: "At most three name servers are configured.",
    why: "the resolver uses the first three name servers only",
    severity: "warning",
    run: ({ network }) =>
      network.dns.length <= mostServers
        ? []
        : {
            at: `network.dns[${mostServers}]`,
            problem: `"${network.dns[mostServers]}" is server ${mostServers + 1} of ${network.dns.length}`,
            fix: `keep ${mostServers}`,
          },
  }),
  defineCheck({
    id: "net/ntp-form",
    summary: "Time servers are bare host names or addresses.",
    why: "chrony ignores a line that it cannot parse, and clock drift breaks certificates and etcd",
    run: ({ network }) =>
      network.ntp.flatMap((text, i) => {
        const address = parseAddress(text);
        const usable =
          address === undefined
            ? hostName.test(text) && !/^[\d.]+$/.test(text)
            : specialRangeOf(address) === undefined;
        if (usable && text.toLowerCase() !== "localhost") return [];
        return {
          at: `network.ntp[${i}]`,
          problem: `"${text}" is not the name or address of a time server`,
          fix: "write the bare name or address, such as ntp.example.com",
        };
      }),
  }),
];

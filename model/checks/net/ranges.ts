import {
  type AddressRange,
  addressText,
  contains,
  overlaps,
  parseAddress,
  parseCidr,
  sizeOf,
  usableIn,
} from "../../net/addresses";
import type { Stack } from "../../stack/schema";
import type { RuleResult } from "../../findings/finding";
import { addressingOf, hostsOf } from "../../stack/addressing";
import { mostMachines, poolMachines } from "../../plan/machines";
import { type Check, defineCheck } from "../check";
import { gatewayAddresses, machineAddresses } from "./addresses";

/** A range from which machines get addresses that are not in the stack file. */
interface DynamicRange {
  readonly at: string;
  /** The machines that get them. */
  readonly addressing: "pool" | "dhcp";
  /** The additional network that it belongs to, by name. */
  readonly network?: string;
  readonly start: AddressRange;
  readonly end: AddressRange;
  /** Undefined when the ends are the wrong way round, or of two families. */
  readonly range: AddressRange | undefined;
}

/** The address pools and the DHCP range, where the stack has them. */
export function dynamicRanges({ network }: Stack): readonly DynamicRange[] {
  const ranges = [
    { at: "network.addressPool", addressing: "pool", given: network.addressPool },
    { at: "network.dhcpRange", addressing: "dhcp", given: network.dhcpRange },
    { at: "network.secondary.addressPool", addressing: "pool", given: network.secondary?.addressPool },
    ...network.additional.flatMap(({ name, addressPools }, i) =>
      addressPools.map((given, j) => ({
        at: `network.additional[${i}].addressPools[${j}]`,
        addressing: "pool" as const,
        network: name,
        given,
      })),
    ),
  ] as const;
  return ranges.flatMap(({ given, ...rest }) => {
    const [start, end] = [parseAddress(given?.start ?? ""), parseAddress(given?.end ?? "")];
    if (start === undefined || end === undefined) return [];
    const inOrder = start.family === end.family && start.first <= end.first;
    const text = `${start.text} to ${end.text}`;
    const range = inOrder ? { ...start, last: end.last, text } : undefined;
    return [{ ...rest, start, end, range }];
  });
}

/** A finding for each of the addresses that lies in the address pool or the DHCP range. */
export function insideRanges(
  stack: Stack,
  addresses: readonly { readonly at: string; readonly address: AddressRange | undefined }[],
): readonly RuleResult[] {
  return dynamicRanges(stack).flatMap(({ at: rangeAt, range }) =>
    addresses.flatMap(({ at, address }) =>
      range !== undefined && address !== undefined && contains(range, address)
        ? {
            at,
            problem: `"${address.text}" is inside ${rangeAt} ${range.text}`,
            fix: `choose an address outside it, or shorten ${rangeAt}`,
          }
        : [],
    ),
  );
}

/** Checks of the ranges from which machines get addresses: address pools and the DHCP range. */
export const rangeChecks: readonly Check[] = [
  defineCheck({
    id: "net/range-ends-in-order",
    summary: "Address pools and the DHCP range end after they start, in one family.",
    why: "a range that ends before it starts holds no address, and machines wait for one indefinitely",
    run: (stack) =>
      dynamicRanges(stack).flatMap(({ at, start, end, range }) =>
        range === undefined
          ? {
              at: `${at}.end`,
              problem:
                start.family === end.family
                  ? `"${end.text}" is below start "${start.text}"`
                  : `"${end.text}" is IPv${end.family}, start "${start.text}" is IPv${start.family}`,
              fix:
                start.family === end.family
                  ? `write start: ${end.text}, end: ${start.text}`
                  : "write both ends in the family of network.nodes",
            }
          : [],
      ),
  }),
  defineCheck({
    id: "net/range-in-node-network",
    summary: "Address pools and the DHCP range are inside the node network.",
    why: "a machine with an address outside its network, or with the network's own address, is unreachable",
    run: (stack) => {
      const nodes = parseCidr(stack.network.nodes);
      if (nodes === undefined) return [];
      const usable = usableIn(nodes);
      return dynamicRanges(stack).flatMap(({ at, range }) => {
        // net/secondary-network-usable and net/additional-addresses-inside check the ends of the others.
        if (at !== "network.addressPool" && at !== "network.dhcpRange") return [];
        if (range === undefined || contains(usable, range)) return [];
        const [first, last] = [usable.first, usable.last].map((value) => addressText(nodes.family, value));
        return {
          at,
          problem: `${range.text} is not inside network.nodes ${nodes.text}`,
          fix: `choose both ends from ${first} to ${last}`,
        };
      });
    },
  }),
  defineCheck({
    id: "net/dynamic-ranges-disjoint",
    summary: "The address pool and the DHCP range do not overlap.",
    why: "Metal3 IPAM and the DHCP server do not know of each other's leases and assign the same address to two machines",
    run: (stack) => {
      const of = (at: string) => dynamicRanges(stack).find((each) => each.at === at);
      const [pool, dhcp] = [of("network.addressPool"), of("network.dhcpRange")];
      if (pool?.range === undefined || dhcp?.range === undefined || !overlaps(pool.range, dhcp.range))
        return [];
      return {
        at: dhcp.at,
        problem: `${dhcp.range.text} overlaps ${pool.at} ${pool.range.text}`,
        fix: "give each its own part of network.nodes",
      };
    },
  }),
  defineCheck({
    id: "net/dynamic-ranges-hold-machines",
    summary: "Address pools and the DHCP range hold every machine, including those of a rolling upgrade.",
    why: "a machine without a free address waits without a visible error and blocks the rolling upgrade",
    run: (stack) =>
      dynamicRanges(stack).flatMap(({ at, range, addressing, network }) => {
        const pools = poolMachines(stack).filter(
          ({ pool }) =>
            addressingOf(stack, pool) === addressing && (network === undefined || isIn(stack, pool, network)),
        );
        const machines = mostMachines(pools);
        if (range === undefined || sizeOf(range) >= BigInt(machines)) return [];
        return {
          at,
          problem: `${range.text} holds ${sizeOf(range)} addresses; ${machines} machines exist at once during a rolling upgrade`,
          fix: `extend it to at least ${machines} addresses`,
        };
      }),
  }),
  defineCheck({
    id: "net/endpoint-outside-ranges",
    summary: "The control plane endpoint is outside every address pool and DHCP range.",
    why: "sooner or later a machine receives the endpoint's address and takes the API off the network",
    acceptable: false,
    run: (stack) =>
      insideRanges(stack, [
        { at: "kubernetes.endpoint.host", address: parseAddress(stack.kubernetes.endpoint.host) },
      ]),
  }),
  defineCheck({
    id: "net/hosts-outside-ranges",
    summary: "Fixed host addresses are outside every address pool and DHCP range.",
    why: "the pool or the DHCP server assigns the host's fixed address to another machine as well",
    run: (stack) =>
      insideRanges(
        stack,
        machineAddresses(stack)
          .filter(({ at }) => at.startsWith("hosts["))
          .map(({ at, text }) => ({ at, address: parseAddress(text) })),
      ),
  }),
  defineCheck({
    id: "net/servers-outside-ranges",
    summary: "The gateway and the name servers are outside every address pool and DHCP range.",
    why: "a machine that receives the address of the gateway or of a name server takes it away from all others",
    run: (stack) => {
      const gateways = gatewayAddresses(stack);
      const servers = stack.network.dns
        .map((text, i) => ({ at: `network.dns[${i}]`, text }))
        .filter(({ text }) => gateways.every((gateway) => gateway.text !== text));
      return insideRanges(
        stack,
        [...gateways, ...servers].map(({ at, text }) => ({ at, address: parseAddress(text) })),
      );
    },
  }),
];

/** Whether the machines of a pool are in an additional network. */
function isIn(stack: Stack, pool: string, network: string): boolean {
  return hostsOf(stack, pool).some(({ networks }) => networks.some(({ name }) => name === network));
}

import { contains, parseAddress, parseCidr, specialRangeOf } from "../../net/addresses";
import { Systems } from "../../plan/bmc-systems";
import { nodeNetworks } from "../../stack/host-networks";
import type { Stack } from "../../stack/schema";
import { type Check, defineCheck } from "../check";
import { addressKey, gatewayAddresses, machineAddresses } from "../net/addresses";
import { clusterNetworksWith } from "../net/networks";
import { insideRanges } from "../net/ranges";
import { bmcsOf } from "./drivers";

/** The BMCs that are given by an address, not by a name. */
export function bmcAddresses(stack: Stack) {
  return bmcsOf(stack).flatMap(({ at, address: bmc }) => {
    const address = parseAddress(bmc?.host ?? "");
    return address === undefined ? [] : { at, address };
  });
}

/** The BMCs with one of these addresses, each with the place of the other. */
function bmcsAt(stack: Stack, taken: ReturnType<typeof machineAddresses>) {
  const first = new Map(taken.toReversed().map((other) => [addressKey(other.text), other]));
  return bmcAddresses(stack).flatMap(({ at, address }) => {
    const other = first.get(addressKey(address.text));
    return other === undefined ? [] : [{ at, address, other }];
  });
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** Checks of the addresses of BMCs. */
export const bmcAddressChecks: readonly Check[] = [
  defineCheck({
    id: "bmc/address-form",
    summary: "BMC addresses have a host, and a port if any, that can be parsed.",
    why: "the Baremetal Operator cannot parse the address, and the host never registers",
    run: (stack) =>
      bmcsOf(stack).flatMap(({ host: { bmc }, at, address, text }) => {
        // hosts/bmc-scheme-known reports a missing scheme.
        if (!bmc.address.includes("://")) return [];
        const port = Number(address?.port ?? 1);
        const wrong =
          address === undefined
            ? bareIpv6(bmc.address)
              ? "an IPv6 address without brackets"
              : "no host that can be parsed"
            : parseAddress(address.host) === undefined &&
                !(hostName.test(address.host) && !/^[\d.]+$/.test(address.host))
              ? `"${address.host}", which is neither a name nor an address`
              : port < 1 || port > 65_535
                ? `the port ${address.port}`
                : undefined;
        if (wrong === undefined) return [];
        return {
          at,
          problem: `"${text}" has ${wrong}`,
          fix: "write scheme, host and path, such as redfish-virtualmedia://[fd00:251::11]/redfish/v1/Systems/1",
        };
      }),
  }),
  defineCheck({
    id: "hosts/bmc-address-unique",
    summary: "Each BMC address belongs to one host.",
    why: "one server would be powered on and off for two hosts",
    acceptable: false,
    run: (stack) => {
      const systems = new Systems<ReturnType<typeof bmcsOf>[number]>();
      return bmcsOf(stack).flatMap((bmc) => {
        const { host, at, text } = bmc;
        const { value: twin } = systems.at(host.bmc.address).next();
        systems.add(host.bmc.address, bmc);
        if (twin === undefined) return [];
        return {
          at,
          problem: `"${text}" is the same system as the bmc.address of ${twin.hostAt} (${twin.host.name})`,
          fix: "correct one of the two",
        };
      });
    },
  }),
  defineCheck({
    id: "bmc/address-routable",
    summary: "BMC addresses are routable.",
    why: "the provisioner runs on another machine and cannot reach a loopback, link-local or multicast address",
    run: (stack) =>
      bmcAddresses(stack).flatMap(({ at, address }) => {
        const special = specialRangeOf(address);
        if (special === undefined) return [];
        return {
          at,
          problem: `"${address.text}" is ${special.name}`,
          fix: "write the BMC's address in your management network",
        };
      }),
  }),
  defineCheck({
    id: "bmc/address-not-a-machines",
    summary: "No BMC has the address of the endpoint or of a machine.",
    why: "a machine that comes up with its BMC's address cuts the provisioner off from the BMC and can no longer be powered off",
    acceptable: false,
    run: (stack) =>
      bmcsAt(stack, machineAddresses(stack)).map(({ at, address, other }) => ({
        at,
        problem: `"${address.text}" is also ${other.at}`,
        fix: "correct one of the two",
      })),
  }),
  defineCheck({
    id: "bmc/address-not-taken",
    summary: "No BMC has the address of a gateway.",
    why: "unless one machine routes and simulates the BMCs, as in a virtual lab, one of the two addresses is wrong, and the host cannot be managed",
    severity: "warning",
    run: (stack) =>
      bmcsAt(stack, gatewayAddresses(stack)).map(({ at, address, other }) => ({
        at,
        problem: `"${address.text}" is also ${other.at}`,
        fix: "correct one of the two, or accept this where the gateway simulates the BMCs",
      })),
  }),
  defineCheck({
    id: "bmc/outside-cluster-networks",
    summary: "BMC addresses are outside the pod, service and load balancer networks.",
    why: "once routers learn the pod and service routes, the provisioner's packets to the BMC end at a node",
    run: (stack) =>
      bmcAddresses(stack).flatMap(({ at, address }) =>
        clusterNetworksWith(stack, address).map((network) => ({
          at,
          problem: `"${address.text}" is inside ${network.at} ${network.text}`,
          fix: `choose a range for ${network.at} that excludes the BMC network`,
        })),
      ),
  }),
  defineCheck({
    id: "bmc/outside-dynamic-ranges",
    summary: "BMC addresses are outside every address pool and DHCP range.",
    why: "a machine that receives the BMC's address cuts the provisioner off from the BMC",
    run: (stack) => insideRanges(stack, bmcAddresses(stack)),
  }),
  defineCheck({
    id: "bmc/outside-node-network",
    summary: "BMC addresses are outside the node network.",
    why: "every node, and every pod on it, can reach a BMC in the node network and guess its password",
    severity: "warning",
    run: (stack) => {
      const networks = nodeNetworks(stack).flatMap(({ at, nodes }) => {
        const range = parseCidr(nodes);
        return range === undefined ? [] : [{ at, range }];
      });
      const taken = new Set(
        [...machineAddresses(stack), ...gatewayAddresses(stack)].map(({ text }) => addressKey(text)),
      );
      return bmcAddresses(stack)
        .filter(({ address }) => !taken.has(addressKey(address.text)))
        .filter((bmc) => insideRanges(stack, [bmc]).length === 0)
        .flatMap(({ at, address }) => {
          const around = networks.find(({ range }) => contains(range, address));
          if (around === undefined) return [];
          return {
            at,
            problem: `"${address.text}" is inside ${around.at}.nodes ${around.range.text}`,
            fix: "put the BMCs into a separate network, or accept this for a small site",
          };
        });
    },
  }),
];

function bareIpv6(text: string): boolean {
  return parseAddress(/:\/\/([0-9a-f:.]+)(\/|$)/i.exec(text)?.[1] ?? "")?.family === 6;
}

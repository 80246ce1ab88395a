import { parseBmcAddress, shownBmcAddress } from "../../bmc/address";
import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";

const hostName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

export const addressForm = defineCheck({
  id: "bmc/address-form",
  why: "the bare metal operator cannot read the address, and the host never registers",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) => {
      // Without a scheme another check speaks.
      if (!bmc.address.includes("://")) return [];
      const address = parseBmcAddress(bmc.address);
      const port = Number(address?.port ?? 1);
      const wrong =
        address === undefined
          ? bareIpv6(bmc.address)
            ? "an IPv6 address without brackets"
            : "no host that can be read"
          : parseAddress(address.host) === undefined &&
              !(hostName.test(address.host) && !/^[\d.]+$/.test(address.host))
            ? `"${address.host}", which is neither a name nor an address`
            : port < 1 || port > 65_535
              ? `the port ${address.port}`
              : undefined;
      if (wrong === undefined) return [];
      return [
        {
          at: `hosts[${i}].bmc.address`,
          problem: `"${shownBmcAddress(bmc.address)}" has ${wrong}`,
          fix: "write scheme, host and path, such as redfish-virtualmedia://[fd00:251::11]/redfish/v1/Systems/1",
        },
      ];
    }),
});

function bareIpv6(text: string): boolean {
  return parseAddress(/:\/\/([0-9a-f:.]+)(\/|$)/i.exec(text)?.[1] ?? "")?.family === 6;
}

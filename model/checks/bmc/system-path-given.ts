import { parseBmcAddress, shownBmcAddress, systemPathOf } from "../../bmc/address";
import { bmcDrivers } from "../../bmc/drivers";
import { defineCheck } from "../check";

const systemPath = /^\/redfish\/v1\/Systems\/[^/]+$/;

export const systemPathGiven = defineCheck({
  id: "bmc/system-path-given",
  why: "the provisioner asks the BMC for exactly this path, and a host whose system is not there never registers",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) => {
      const address = parseBmcAddress(bmc.address);
      const driver = bmcDrivers[address?.driver ?? ""];
      if (address === undefined || driver?.redfish !== true) return [];
      const path = systemPathOf(address);
      // Drivers that boot from the network let Ironic look for the only system; the others send the path as it is.
      if (path === undefined ? driver.boots === "network" : systemPath.test(path)) return [];
      return [
        {
          at: `hosts[${i}].bmc.address`,
          problem: `"${shownBmcAddress(bmc.address)}" ${path === undefined ? "names no system" : `has "${path}" where the system's path belongs`}`,
          fix: `end it with /redfish/v1/Systems/ and the id that the BMC lists there: ${usualId(address.driver)}`,
        },
      ];
    }),
});

function usualId(driver: string): string {
  if (driver.startsWith("idrac")) return "System.Embedded.1 on Dell";
  if (driver.startsWith("ilo5")) return "1 on HPE";
  return "1 on HPE and Supermicro, System.Embedded.1 on Dell, Self on others";
}

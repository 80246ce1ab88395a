import {
  bmcDrivers,
  bootsOverNetwork,
  parseBmcAddress,
  replacedDrivers,
  shownBmcAddress,
  systemPathOf,
} from "../../stack/bmc";
import type { Stack } from "../../stack/schema";
import { type Check, defineCheck } from "../check";
import { bracketed } from "../../net/addresses";

/** Every BMC with its host and its place in the stack file; `text` is its address without a login. */
export function bmcsOf({ hosts }: Stack) {
  return hosts.map((host, i) => {
    const address = parseBmcAddress(host.bmc.address);
    const driver = bmcDrivers[address?.driver ?? ""];
    const text = shownBmcAddress(host.bmc.address);
    return { host, hostAt: `hosts[${i}]`, at: `hosts[${i}].bmc.address`, address, driver, text };
  });
}

const systemPath = /^\/redfish\/v1\/Systems\/[^/]+$/;

/** Checks of BMC drivers, and of how each of them boots a host. */
export const bmcDriverChecks: readonly Check[] = [
  defineCheck({
    id: "hosts/bmc-scheme-known",
    summary: "BMC addresses have a scheme that Metal3 has a driver for.",
    why: "Metal3 has no driver for another scheme, and the host never registers",
    run: (stack) =>
      bmcsOf(stack).flatMap(({ host, at, address, text }) => {
        const scheme = /^([^:/]+):\/\//.exec(host.bmc.address)?.[1] ?? "";
        const [driver = "", transport] = scheme.split("+");
        const known = bmcDrivers[driver];
        if (known !== undefined && (transport === undefined || (known.redfish && /^https?$/.test(transport))))
          return [];
        const replacement = replacedDrivers[driver.toLowerCase()];
        return {
          at,
          problem: `"${text}" has ${scheme === "" ? "no BMC scheme" : `the unknown BMC scheme "${scheme}"`}`,
          fix: `write for example ${example(replacement ?? "redfish-virtualmedia", address?.host)}`,
        };
      }),
  }),
  defineCheck({
    id: "bmc/system-path-given",
    summary: "Redfish addresses name the system that they manage.",
    why: "the provisioner requests exactly this path from the BMC, and a host whose system does not exist never registers",
    run: (stack) =>
      bmcsOf(stack).flatMap(({ at, address, driver, text }) => {
        if (address === undefined || driver?.redfish !== true) return [];
        const path = systemPathOf(address);
        // With drivers that boot from the network Ironic finds the only system itself; the others use the path as it is.
        if (path === undefined ? driver.boots === "network" : systemPath.test(path)) return [];
        return {
          at,
          problem: `"${text}" ${path === undefined ? "does not name a system" : `has "${path}" where the system's path belongs`}`,
          fix: `end it with /redfish/v1/Systems/ and the id that the BMC lists there: ${usualId(address.driver)}`,
        };
      }),
  }),
  defineCheck({
    id: "bmc/transport-encrypted",
    summary: "BMC addresses use an encrypted transport.",
    why: "the BMC's password crosses the network in clear text, and verifyCertificate has no effect",
    severity: "warning",
    run: (stack) =>
      bmcsOf(stack)
        .filter(({ address }) => address?.transport === "http")
        .map(({ at, text }) => ({
          at,
          problem: `"${text}" is not encrypted`,
          fix: "remove +http; with a self-signed certificate set bmc.verifyCertificate: false",
        })),
  }),
  defineCheck({
    id: "bmc/boot-mode-served",
    summary: "The BMC driver supports the host's boot mode.",
    why: "Metal3 refuses secure boot without Redfish, and nothing boots over UEFI HTTP in legacy mode",
    run: (stack) =>
      bmcsOf(stack).flatMap(({ host: { bootMode }, hostAt, address, driver }) => {
        if (driver === undefined) return [];
        const secureWithoutRedfish = bootMode === "UEFISecureBoot" && !driver.redfish;
        const legacyOverHttp = bootMode === "legacy" && driver.boots === "UEFI HTTP";
        if (!secureWithoutRedfish && !legacyOverHttp) return [];
        return {
          at: `${hostAt}.bootMode`,
          problem: `"${bootMode}" is not supported by the BMC driver ${address?.driver}`,
          fix: secureWithoutRedfish ? "write UEFI, or a redfish address" : "write UEFI",
        };
      }),
  }),
  defineCheck({
    id: "bmc/virtual-media-with-uefi",
    summary: "Hosts that boot from virtual media use UEFI.",
    why: "many BMCs boot virtual media in UEFI mode only, and the host falls back to its old disk",
    severity: "warning",
    run: (stack) =>
      bmcsOf(stack)
        .filter(({ host, driver }) => host.bootMode === "legacy" && driver?.boots === "virtual media")
        .map(({ hostAt, address }) => ({
          at: `${hostAt}.bootMode`,
          problem: `"legacy" with virtual media (${address?.driver})`,
          fix: "write UEFI, or accept this for a BMC that is known to boot that way",
        })),
  }),
  defineCheck({
    id: "bmc/boots-without-pxe",
    summary: "Hosts boot the installer by virtual media or HTTP instead of PXE.",
    why: "the driver boots the installer over PXE: without Ironic's DHCP and TFTP on the network of hosts[].mac the host stays in inspecting",
    severity: "warning",
    run: (stack) =>
      bmcsOf(stack)
        .filter(({ host }) => bootsOverNetwork(host.bmc.address))
        .map(({ at, text }) => ({
          at,
          problem: `"${text}" needs a provisioning network`,
          fix: "use a redfish-virtualmedia address if the BMC has Redfish, or accept this where Ironic serves PXE",
        })),
  }),
];

function example(driver: string, host = "10.250.251.11"): string {
  const place = bracketed(host);
  return driver === "ipmi" ? `ipmi://${place}` : `${driver}://${place}/redfish/v1/Systems/1`;
}

function usualId(driver: string): string {
  if (driver.startsWith("idrac")) return "System.Embedded.1 on Dell";
  if (driver.startsWith("ilo5")) return "1 on HPE";
  return "1 on HPE and Supermicro, System.Embedded.1 on Dell, Self on others";
}

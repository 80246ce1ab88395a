import { parseBmcAddress } from "./bmc-address";

/** What a driver of the Baremetal Operator can do (its v0.13 and v0.14, pkg/hardwareutils/bmc). */
export interface BmcDriver {
  readonly redfish: boolean;
  /** How a host boots the installer. */
  readonly boots: "network" | "virtual media" | "UEFI HTTP";
}

/** The drivers that are registered. */
export const bmcDrivers: Readonly<Record<string, BmcDriver>> = {
  ipmi: { redfish: false, boots: "network" },
  libvirt: { redfish: false, boots: "network" },
  redfish: { redfish: true, boots: "network" },
  "redfish-virtualmedia": { redfish: true, boots: "virtual media" },
  "redfish-uefihttp": { redfish: true, boots: "UEFI HTTP" },
  "idrac-redfish": { redfish: true, boots: "network" },
  "idrac-virtualmedia": { redfish: true, boots: "virtual media" },
  "ilo5-redfish": { redfish: true, boots: "network" },
  "ilo5-virtualmedia": { redfish: true, boots: "virtual media" },
};

/** The driver of a BMC address; undefined when there is none of that name. */
export function bmcDriverOf(address: string): BmcDriver | undefined {
  return bmcDrivers[parseBmcAddress(address)?.driver ?? ""];
}

/** Whether a BMC boots the installer over the network, where a DHCP server gives the address. */
export function bootsOverNetwork(address: string): boolean {
  return bmcDriverOf(address)?.boots === "network";
}

/** Drivers that are gone, or names people take for one, and what replaces them. */
export const replacedDrivers: Readonly<Record<string, string>> = {
  idrac: "idrac-virtualmedia",
  ilo4: "ipmi",
  "ilo4-virtualmedia": "ipmi",
  ilo5: "ilo5-virtualmedia",
  irmc: "redfish-virtualmedia",
  ibmc: "redfish-virtualmedia",
  xclarity: "redfish-virtualmedia",
  http: "redfish-virtualmedia+http",
  https: "redfish-virtualmedia",
};

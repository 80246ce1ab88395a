/** A BMC's address taken apart. */
export interface BmcAddress {
  /** Driver without its transport: `redfish-virtualmedia`. */
  readonly driver: string;
  /** What follows the + of the scheme; undefined when there is none. */
  readonly transport: string | undefined;
  /** Host name or address in lower case, IPv6 without brackets. */
  readonly host: string;
  /** The port that is written; undefined when there is none. */
  readonly port: string | undefined;
  /** From the first slash on; empty when there is none. */
  readonly path: string;
  /** Is there a user, and maybe a password, before the host? */
  readonly login: boolean;
}

const form = /^([a-z][-a-z0-9]*)(?:\+([a-z]+))?:\/\/([^/?#]*)([^?#]*)$/i;
const authority = /^(?:(.*)@)?(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::(\d+))?$/i;

/** Takes an address apart; undefined when it has no scheme, or a host that cannot be read. */
export function parseBmcAddress(text: string): BmcAddress | undefined {
  const [, scheme, transport, place = "", path = ""] = form.exec(text) ?? [];
  const [whole, login, bracketed, plain, port] = authority.exec(place) ?? [];
  if (scheme === undefined || whole === undefined) return undefined;
  return {
    driver: scheme.toLowerCase(),
    transport: transport?.toLowerCase(),
    host: (bracketed ?? plain ?? "").toLowerCase(),
    port,
    path,
    login: login !== undefined,
  };
}

/** An address as a finding may show it: a login in it could be a secret. */
export function shownBmcAddress(text: string): string {
  return text.replace(/\/\/[^/]*@/, "//***@");
}

const defaultPort: Readonly<Record<string, string>> = {
  ipmi: "623",
  libvirt: "16509",
  http: "80",
  https: "443",
};

/** The machine that answers: its host, with the port where that is not the protocol's own. */
export function bmcOf({ driver, transport, host, port }: BmcAddress): string {
  const usual = defaultPort[driver] ?? defaultPort[transport ?? "https"];
  return port === undefined || port === usual ? host : `${host}:${port}`;
}

/** Path of the system in Redfish, without a slash at its end; undefined for other protocols and for the BMC's only system. */
export function systemPathOf({ path }: BmcAddress): string | undefined {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" || trimmed === "/redfish/v1" ? undefined : trimmed;
}

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

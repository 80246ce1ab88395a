import { parseAddress } from "../net/addresses";
import { type BmcAddress, bmcDrivers, bmcOf, parseBmcAddress, systemPathOf } from "../stack/bmc";

/** Entries with BMC addresses, found by any other spelling of the address. */
export class Systems<Entry> {
  /** By BMC, then by system; the key of a whole BMC is undefined. */
  private readonly known = new Map<string, Map<string | undefined, Entry[]>>();

  /** Adds an entry; one whose address cannot be read is never found. */
  add(address: string, entry: Entry): void {
    const place = placeOf(address);
    if (place === undefined) return;
    const systems = this.known.get(place.bmc) ?? new Map<string | undefined, Entry[]>();
    this.known.set(place.bmc, systems);
    const entries = systems.get(place.system);
    if (entries === undefined) systems.set(place.system, [entry]);
    else entries.push(entry);
  }

  /** The entries that are the same server as an address. A chassis answers for several systems; without a path there is only one. */
  *at(address: string): Generator<Entry, void> {
    const place = placeOf(address);
    const systems = this.known.get(place?.bmc ?? "");
    if (place === undefined || systems === undefined) return;
    if (place.system === undefined) for (const entries of systems.values()) yield* entries;
    else for (const system of [place.system, undefined]) yield* systems.get(system) ?? [];
  }
}

/** A BMC and its system, each in one spelling. */
interface Place {
  readonly bmc: string;
  /** Undefined for the BMC's only system, and in protocols that have none. */
  readonly system: string | undefined;
}

function placeOf(text: string): Place | undefined {
  const address = parseBmcAddress(withScheme(text.trim()).replace(/[?#].*$/s, ""));
  if (address === undefined || address.host === "") return undefined;
  const { host, port } = address;
  const bmc = bmcOf({
    ...address,
    host: hostKey(host),
    port: port === undefined ? undefined : String(Number(port)),
  });
  return { bmc, system: systemOf(address) };
}

/** The Baremetal Operator also takes `ipmi:host`, and a host alone for IPMI (its v0.14 pkg/hardwareutils/bmc/access.go). */
function withScheme(text: string): string {
  if (text.includes("://")) return text;
  const [start = "", scheme = ""] = /^([a-z][-a-z0-9]*)(?:\+[a-z]+)?:/i.exec(text) ?? [];
  return bmcDrivers[scheme.toLowerCase()] === undefined
    ? `ipmi://${text}`
    : `${start}//${text.slice(start.length)}`;
}

/** A name without the dot at its end, or an address as a number: IPv6 has several texts for it, and one for each of IPv4. */
function hostKey(host: string): string {
  const address = parseAddress(host);
  if (address === undefined) return host.replace(/\.$/, "");
  const { family, first } = address;
  return family === 6 && first >> 32n !== 0xffffn ? `IPv6 ${first}` : `IPv4 ${first & 0xffff_ffffn}`;
}

/** What Redfish has above its systems. */
const roots = new Set(["/redfish", "/redfish/v1", "/redfish/v1/systems"]);

/** The path of a system in Redfish, in lower case: no BMC has two systems that differ by case alone. */
function systemOf(address: BmcAddress): string | undefined {
  if (bmcDrivers[address.driver]?.redfish === false) return undefined;
  const path = decoded(address.path)
    .replace(/\/{2,}/g, "/")
    .toLowerCase();
  const system = systemPathOf({ ...address, path });
  return system === undefined || roots.has(system) ? undefined : system;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a percent sign that stands for itself
  }
}

import type { BareMetalHost, Disk, Hardware, HardwareData } from "../../kubernetes/metal3";
import type { Host, Stack } from "../../stack/schema";
import { controlPlanePool } from "../../kubernetes/labels";
import { counted } from "../../text/wording";
import { type CheckResult, type Problem, judged, named, notApplicable } from "./check-result";

/** What inspection found in each host, by host name: `status.hardware`, or `spec.hardware` of its HardwareData. */
export type InspectedHosts = ReadonlyMap<string, Hardware>;

/** Collects the inspection's results of hosts; newer operators keep them in HardwareData objects. */
export function hardwareOf(hosts: readonly BareMetalHost[], data: readonly HardwareData[]): InspectedHosts {
  return new Map([
    ...data.flatMap(({ metadata, spec }) => found(metadata.name, spec?.hardware)),
    ...hosts.flatMap(({ metadata, status }) => found(metadata.name, status?.hardware)),
  ]);
}

function found(host: string, hardware: Hardware | undefined): readonly (readonly [string, Hardware])[] {
  return hardware === undefined ? [] : [[host, hardware]];
}

type Look = (host: Host, hardware: Hardware, at: string) => readonly Problem[];

function eachInspected(stack: Stack, hardware: InspectedHosts, what: string, look: Look): CheckResult {
  const inspected = stack.hosts.filter(({ name }) => hardware.has(name));
  if (inspected.length === 0) return notApplicable("no host has been inspected yet");
  const problems = stack.hosts.flatMap((host, i) => {
    const found = hardware.get(host.name);
    return found === undefined ? [] : look(host, found, `hosts[${i}]`);
  });
  return judged(
    `${what} of ${inspected.length} of ${counted(stack.hosts.length, "host")}, as inspected`,
    problems,
  );
}

/** The boot port and every link were found by their MAC address. */
export function judgeMacs(stack: Stack, hardware: InspectedHosts): CheckResult {
  return eachInspected(stack, hardware, "MAC addresses", (host, found, at) => {
    const macs = (found.nics ?? []).flatMap((nic) => nic.mac?.toLowerCase() ?? []);
    const declared = [
      { at: `${at}.mac`, mac: host.mac },
      ...host.links.map(({ mac }, j) => ({ at: `${at}.links[${j}].mac`, mac })),
    ];
    return declared.flatMap(({ at: place, mac }) =>
      macs.includes(mac.toLowerCase())
        ? []
        : [
            {
              at: place,
              problem: `inspection of ${host.name} found no port with "${mac}"; it found ${named(macs, 8)}`,
              fix: "write the MAC address of the port that is meant",
            },
          ],
    );
  });
}

/** No link is to be named as another port of the server is: cloud-init renames ports, and a name can be in use. */
export function judgePortNames(stack: Stack, hardware: InspectedHosts): CheckResult {
  return eachInspected(stack, hardware, "port names", (host, found, at) => {
    const declared = host.links.map(({ mac }) => mac.toLowerCase());
    return host.links.flatMap(({ name, mac }, j): Problem[] => {
      const nics = found.nics ?? [];
      const present = nics.some((nic) => nic.mac?.toLowerCase() === mac.toLowerCase());
      const other = nics.find((nic) => {
        const own = nic.mac?.toLowerCase() ?? "";
        return nic.name === name && own !== mac.toLowerCase() && !declared.includes(own);
      });
      // A port that was not found is the business of hosts/macs-found.
      if (other === undefined || !present) return [];
      return [
        {
          severity: "warning",
          at: `${at}.links[${j}].name`,
          problem: `"${name}" with ${mac} is, by the inspection of ${host.name}, the name of another port, ${other.mac ?? ""}`,
          fix: "write the MAC address of the port that is meant, or a name that no port of the server has",
        },
      ];
    });
  });
}

/** The hints for the root disk match one disk that is there; the volumes of a RAID are made after the inspection. */
export function judgeRootDisks(stack: Stack, hardware: InspectedHosts): CheckResult {
  return eachInspected(stack, hardware, "root disk hints", ({ name, rootDeviceHints, raid }, found, at) => {
    if (rootDeviceHints === undefined || raid !== undefined) return [];
    const disks = found.storage ?? [];
    const matching = disks.filter((disk) => matchesHints(disk, rootDeviceHints));
    const fix = "write the hints of the disk that gets the image, such as its serialNumber";
    if (matching.length === 0) {
      return [
        {
          at: `${at}.rootDeviceHints`,
          problem: `no disk of ${name} has ${hintsText(rootDeviceHints)}; it has ${disksText(disks)}`,
          fix,
        },
      ];
    }
    // The paths to one disk have its serial number.
    const distinct = new Set(
      matching.map(({ wwn, serialNumber, name: device }) => wwn ?? serialNumber ?? device),
    );
    if (distinct.size === 1) return [];
    return [
      {
        severity: "warning",
        at: `${at}.rootDeviceHints`,
        problem: `${counted(distinct.size, "disk")} of ${name} have ${hintsText(rootDeviceHints)}, and the first that the installer finds is overwritten: ${disksText(matching)}`,
        fix,
      },
    ];
  });
}

/** Hints for people, `serialNumber S4EMNX0R100020, rotational false`. */
export function hintsText(hints: RootDeviceHints): string {
  return Object.entries(hints)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}

/** Disks for people, with their sizes and serial numbers. */
export function disksText(disks: readonly Disk[]): string {
  return named(disks.map(diskWords), 6);
}

/** Which disk gets the image. */
export type RootDeviceHints = NonNullable<Host["rootDeviceHints"]>;

type DiskText = { [Key in keyof Disk]-?: Disk[Key] extends string | undefined ? Key : never }[keyof Disk];

/** Whether a disk is meant, as Ironic matches: text without regard to case, vendor and model as parts, the size as a minimum in GiB. */
export function matchesHints(disk: Disk, hints: RootDeviceHints): boolean {
  const is = (key: DiskText, wanted: string) => disk[key]?.toLowerCase() === wanted.toLowerCase();
  const contains = (key: DiskText, wanted: string) =>
    disk[key]?.toLowerCase().includes(wanted.toLowerCase()) === true;
  const isNamed = (wanted: string) => is("name", wanted) || (disk.alternateNames ?? []).includes(wanted);
  const gibibytes = Math.floor((disk.sizeBytes ?? 0) / 2 ** 30);
  return (
    (hints.deviceName === undefined || isNamed(hints.deviceName)) &&
    (hints.hctl === undefined || is("hctl", hints.hctl)) &&
    (hints.model === undefined || contains("model", hints.model)) &&
    (hints.vendor === undefined || contains("vendor", hints.vendor)) &&
    (hints.serialNumber === undefined || is("serialNumber", hints.serialNumber)) &&
    (hints.wwn === undefined || is("wwn", hints.wwn)) &&
    (hints.wwnWithExtension === undefined || is("wwnWithExtension", hints.wwnWithExtension)) &&
    (hints.wwnVendorExtension === undefined || is("wwnVendorExtension", hints.wwnVendorExtension)) &&
    (hints.minSizeGigabytes === undefined || gibibytes >= hints.minSizeGigabytes) &&
    (hints.rotational === undefined || (disk.rotational ?? false) === hints.rotational)
  );
}

function diskWords(disk: Disk): string {
  const gigabytes = Math.round((disk.sizeBytes ?? 0) / 1e9);
  const serial = disk.serialNumber;
  return `${disk.name ?? "a disk"} (${gigabytes} GB${serial === undefined ? "" : `, serial ${serial}`})`;
}

/** Below these kubeadm refuses to make a control plane machine. */
const controlPlaneNeeds = { mebibytes: 1700, cpus: 2 };

/** Control plane machines have the memory and the processors that kubeadm insists on. */
export function judgeControlPlaneSize(stack: Stack, hardware: InspectedHosts): CheckResult {
  return eachInspected(stack, hardware, "memory and processors", ({ name, pool }, found, at) => {
    if (pool !== controlPlanePool) return [];
    const mebibytes = found.ramMebibytes ?? Infinity;
    const cpus = found.cpu?.count ?? Infinity;
    const short = [
      ...(mebibytes < controlPlaneNeeds.mebibytes ? [`${mebibytes} MiB of memory`] : []),
      ...(cpus < controlPlaneNeeds.cpus ? [counted(cpus, "processor")] : []),
    ];
    if (short.length === 0) return [];
    return [
      {
        at: `${at}.pool`,
        problem: `${name} has ${short.join(" and ")}; kubeadm wants ${controlPlaneNeeds.mebibytes} MiB and ${controlPlaneNeeds.cpus} processors of a control plane machine`,
        fix: "choose a larger server for the control plane",
      },
    ];
  });
}

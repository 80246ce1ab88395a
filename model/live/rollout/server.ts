import type { BareMetalHost, Disk, Hardware } from "../../kubernetes/metal3";
import type { KubernetesObject } from "../../kubernetes/object";
import { type RootDeviceHints, matchesHints } from "../preflight/hardware";
import { plainText, shownOnOneLine } from "../../redaction/shown";

/** A server as people find it in the rack, and the disks that its next wipe concerns. */
export interface Server {
  readonly name: string;
  /** Of the chassis; absent until inspection has read it. */
  readonly serial?: string;
  /** `/dev/sda serial X`, the root disk first. */
  readonly disks: readonly string[];
  /** False when the disks are only those that the stack file declares. */
  readonly inspected: boolean;
}

/** Annotation, with any value, that takes a host out of the bare metal operator's hands. */
export const detachedAnnotation = "baremetalhost.metal3.io/detached";

/** The server behind a BareMetalHost, planned or live, with what inspection found in it. */
export function serverOf(host: BareMetalHost, hardware: Hardware | undefined): Server {
  const hints: RootDeviceHints = host.spec?.rootDeviceHints ?? {};
  const serial = hardware?.systemVendor?.serialNumber;
  const found = hardware?.storage ?? [];
  const isRoot = (disk: Disk) => matchesHints(disk, hints);
  const root = found.find(isRoot);
  const others = isCleaned(host) ? found.filter((disk) => disk !== root) : [];
  const disks = [...(root === undefined ? [] : [root]), ...others].map(diskText);
  return {
    name: host.metadata.name,
    ...(serial === undefined || serial === "" ? {} : { serial }),
    disks: disks.length > 0 ? disks : declared(hints),
    inspected: found.length > 0,
  };
}

/** Whether Metal3 cleans all disks of a host: when it is provisioned first, and whenever it is given back. */
export function isCleaned(host: BareMetalHost): boolean {
  return host.spec?.automatedCleaningMode !== "disabled";
}

function diskText(disk: Disk): string {
  const serial = disk.serialNumber;
  return [disk.name ?? "a disk", ...(serial === undefined ? [] : [`serial ${serial}`])].join(" ");
}

function declared(hints: RootDeviceHints): readonly string[] {
  const words = Object.entries(hints).map(([key, value]) => `${key} ${String(value)}`);
  return words.length === 0 ? [] : [`${words.join(", ")}, as declared`];
}

/** `capi-1-w-1 (serial CZ21, disk /dev/sda serial S4E)`. */
export function serverText({ name, serial, disks }: Server): string {
  const chassis = serial === undefined ? "not inspected" : `serial ${serial}`;
  const found = disks.length === 0 ? "" : `, ${disks.length === 1 ? "disk" : "disks"} ${disks.join(" and ")}`;
  // Firmware says what a serial number is.
  return shownOnOneLine(`${name} (${chassis}${found})`);
}

/** What Metal3 does to a server when its BareMetalHost is deleted. */
export type Fate = "wiped and powered off" | "powered off" | "left as it is";

/** States from which a deleted host is deprovisioned first (baremetal-operator v0.13 host_state_machine.go, checkInitiateDelete). */
const deprovisionedStates = ["provisioning", "provisioned", "deprovisioning"];

/** What becomes of a server when its host is deleted; one that a machine has claimed may be written at any moment. */
export function fateOf(host: BareMetalHost, isClaimed: boolean): Fate {
  if (isDetached(host) && isLeftAlone(host)) return "left as it is";
  if (deprovisionedStates.includes(host.status?.provisioning?.state ?? "")) return "wiped and powered off";
  if (isAdopted(host)) return "powered off";
  const isWritten = imageOf(host) !== undefined || host.spec?.customDeploy?.method !== undefined;
  return isClaimed || isWritten ? "wiped and powered off" : "powered off";
}

/** States from which the bare metal operator detaches by itself (host_state_machine.go); any other must be forced. */
export const restingStates = ["provisioned", "externally provisioned", "available", "ready"];

/** Whether the annotation is in effect, or will be at once: from other states the operator deletes a host as any other. */
function isLeftAlone({ status }: BareMetalHost): boolean {
  return (
    status?.operationalStatus === "detached" || restingStates.includes(status?.provisioning?.state ?? "")
  );
}

/** URL of the image that a host runs or gets, without a login; undefined where it has none. */
export function imageOf({ spec }: BareMetalHost): string | undefined {
  const url = spec?.image?.url;
  return url === undefined || url === "" ? undefined : plainText(url);
}

/** Whether a host runs a system that Metal3 has not installed, and leaves alone. */
export function isAdopted({ spec, status }: BareMetalHost): boolean {
  return spec?.externallyProvisioned === true || status?.provisioning?.state === "externally provisioned";
}

/** Whether a host's server goes on as it is when the host is removed. */
export function isDetached(host: KubernetesObject): boolean {
  return host.metadata.annotations?.[detachedAnnotation] !== undefined;
}

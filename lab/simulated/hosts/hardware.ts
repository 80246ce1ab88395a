import crypto from "node:crypto";
import { ownerReference, plainOwnerReference } from "../metal3/association";
import type { ServerPort } from "../../context";
import type { Store } from "../store";
import {
  type KubernetesObject,
  type OwnerReference,
  type ResourceType,
  field,
  text,
} from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import { bmcDriverOf } from "../../../model/stack/bmc";

/** What inspection finds in a simulated server with these ports; always the same for the same host. */
export function hardwareOf(host: KubernetesObject, ports: readonly ServerPort[]): Record<string, unknown> {
  const hash = crypto
    .createHash("sha256")
    .update(`${host.metadata.namespace}/${host.metadata.name}`)
    .digest("hex");
  const mac = text(host, "spec", "bootMACAddress")?.toLowerCase() ?? macFrom(hash, 0);
  const known = ports.find((port) => port.mac.toLowerCase() === mac);
  const others = ports.filter((port) => port !== known);
  const second = { name: known?.name === "eno2" ? "eno1" : "eno2", mac: macFrom(hash, 1) };
  const root = text(host, "spec", "rootDeviceHints", "deviceName");
  const serial = text(host, "spec", "rootDeviceHints", "serialNumber");
  return {
    systemVendor: {
      manufacturer: "Lab",
      productName: "Simulated Server",
      serialNumber: `LAB${hash.slice(0, 8).toUpperCase()}`,
    },
    firmware: { bios: { date: "01/01/2026", vendor: "Lab", version: "1.0" } },
    ramMebibytes: 131072,
    cpu: { arch: "x86_64", model: "Simulated CPU", clockMegahertz: 2400, count: 32, flags: [] },
    // Of the ramdisk, which has an address of the provisioning network and no name.
    hostname: "localhost.localdomain",
    nics: [
      { ...nic(known ?? { name: others.length > 0 ? "boot0" : "eno1", mac }), ip: "172.22.0.15", pxe: true },
      ...(others.length > 0 ? others : [second]).map(nic),
    ],
    storage: [
      {
        name: root ?? "/dev/nvme0n1",
        type: "NVME",
        rotational: false,
        sizeBytes: 960197124096,
        vendor: "Lab",
        model: "Simulated Disk",
        serialNumber: serial ?? `S${hash.slice(8, 18).toUpperCase()}`,
        wwn: `0x5${hash.slice(18, 33)}`,
      },
      {
        name: "/dev/nvme1n1",
        type: "NVME",
        rotational: false,
        sizeBytes: 3840755982336,
        vendor: "Lab",
        model: "Simulated Disk",
        serialNumber: `S${hash.slice(34, 44).toUpperCase()}`,
        wwn: `0x5${hash.slice(44, 59)}`,
      },
    ],
  };
}

const nic = ({ name, mac }: ServerPort) => ({
  name,
  model: "0x8086 0x1572",
  mac: mac.toLowerCase(),
  ip: "",
  speedGbps: 25,
  vlanId: 0,
  pxe: false,
});

function macFrom(hash: string, index: number): string {
  const tail = hash.slice(index * 6, index * 6 + 6).match(/../g) ?? [];
  return ["02", "00", "00", ...tail].join(":");
}

/** Holds what inspection found until the host goes. */
const hardwareFinalizer = "baremetalhost.metal3.io/hardwareData";

const firmware = (kind: string, plural: string): ResourceType => ({
  apiVersion: "metal3.io/v1alpha1",
  kind,
  plural,
  namespaced: true,
});

const HostFirmwareSettings = firmware("HostFirmwareSettings", "hostfirmwaresettings");
const HostFirmwareComponents = firmware("HostFirmwareComponents", "hostfirmwarecomponents");

/** Kinds of which each host has an object of its name, besides {@link resources.HardwareData}. */
export const firmwareKinds: readonly ResourceType[] = [HostFirmwareSettings, HostFirmwareComponents];

const blocking = (host: KubernetesObject) => ({ ...ownerReference(host), blockOwnerDeletion: true });

/**
 * What the operator makes for a host when it has registered (v0.13 internal/controller/metal3.io/baremetalhost_controller.go):
 * its firmware's settings, and where the BMC can update firmware its components. Nothing but the host holds them.
 */
export async function createFirmwareObjects(store: Store, host: KubernetesObject): Promise<void> {
  const { name, namespace = "" } = host.metadata;
  const make = ({ apiVersion, kind, ...type }: ResourceType, owner: OwnerReference, spec: unknown) =>
    store.create(
      { apiVersion, kind, ...type },
      { apiVersion, kind, metadata: { name, namespace, ownerReferences: [owner] }, spec },
    );
  await make(HostFirmwareSettings, blocking(host), { settings: {} });
  // Ironic updates firmware over Redfish alone.
  if (bmcDriverOf(text(host, "spec", "bmc", "address") ?? "")?.redfish === true)
    await make(HostFirmwareComponents, plainOwnerReference(host), { updates: [] });
}

/** What inspection found, kept apart from the host's status too. */
export async function createHardwareData(
  store: Store,
  host: KubernetesObject,
  ports: readonly ServerPort[],
): Promise<void> {
  await store.create(resources.HardwareData, {
    apiVersion: resources.HardwareData.apiVersion,
    kind: resources.HardwareData.kind,
    metadata: {
      name: host.metadata.name,
      namespace: host.metadata.namespace ?? "",
      finalizers: [hardwareFinalizer],
      ownerReferences: [blocking(host)],
    },
    spec: { hardware: field(host, "status", "hardware") ?? hardwareOf(host, ports) },
  });
}

/** A host that is deleted gives it free at once, also a detached one; the garbage collector removes it after the host. */
export async function releaseHardwareData(store: Store, { metadata }: KubernetesObject): Promise<void> {
  const data = store.get(resources.HardwareData, metadata.name, metadata.namespace);
  if (data !== undefined) await store.setFinalizer(resources.HardwareData, data, hardwareFinalizer, false);
}

import crypto from "node:crypto";
import { text, type KubernetesObject } from "../../../model/kubernetes/object";

/** What inspection finds in a played server; always the same for the same host. */
export function hardwareOf(host: KubernetesObject): Record<string, unknown> {
  const hash = crypto
    .createHash("sha256")
    .update(`${host.metadata.namespace}/${host.metadata.name}`)
    .digest("hex");
  const mac = text(host, "spec", "bootMACAddress")?.toLowerCase() ?? macFrom(hash, 0);
  const root = text(host, "spec", "rootDeviceHints", "deviceName");
  const serial = text(host, "spec", "rootDeviceHints", "serialNumber");
  return {
    systemVendor: {
      manufacturer: "Lab",
      productName: "Played Server",
      serialNumber: `LAB${hash.slice(0, 8).toUpperCase()}`,
    },
    firmware: { bios: { date: "01/01/2026", vendor: "Lab", version: "1.0" } },
    ramMebibytes: 131072,
    cpu: { arch: "x86_64", model: "Played CPU", clockMegahertz: 2400, count: 32, flags: [] },
    // Of the ramdisk, which has an address of the provisioning network and no name.
    hostname: "localhost.localdomain",
    nics: [
      { name: "eno1", model: "0x8086 0x1572", mac, ip: "172.22.0.15", speedGbps: 25, vlanId: 0, pxe: true },
      {
        name: "eno2",
        model: "0x8086 0x1572",
        mac: macFrom(hash, 1),
        ip: "",
        speedGbps: 25,
        vlanId: 0,
        pxe: false,
      },
    ],
    storage: [
      {
        name: root ?? "/dev/nvme0n1",
        type: "NVME",
        rotational: false,
        sizeBytes: 960197124096,
        vendor: "Lab",
        model: "Played Disk",
        serialNumber: serial ?? `S${hash.slice(8, 18).toUpperCase()}`,
        wwn: `0x5${hash.slice(18, 33)}`,
      },
      {
        name: "/dev/nvme1n1",
        type: "NVME",
        rotational: false,
        sizeBytes: 3840755982336,
        vendor: "Lab",
        model: "Played Disk",
        serialNumber: `S${hash.slice(34, 44).toUpperCase()}`,
        wwn: `0x5${hash.slice(44, 59)}`,
      },
    ],
  };
}

function macFrom(hash: string, index: number): string {
  const tail = hash.slice(index * 6, index * 6 + 6).match(/../g) ?? [];
  return ["02", "00", "00", ...tail].join(":");
}

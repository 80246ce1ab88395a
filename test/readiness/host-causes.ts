import type { Case } from "./machine-causes";
import * as o from "./objects";
import { readyBut } from "./situation";

/** The control plane's host with an error. */
export const failing = (type: string, count: number, message: string) =>
  o.host("cp1", { state: "registering", labels: { pool: "p" }, error: { type, count, message } });

/** The worker's host before its image is written, with a disk of another serial number than its hint. */
export const withOtherDisk = (spec: object = {}) => {
  const host = o.host("w1", { state: "available", labels: { pool: "p" }, consumer: "w1" });
  return {
    ...host,
    spec: { ...host.spec, rootDeviceHints: { serialNumber: "A1" }, ...spec },
    status: { ...host.status, hardware: { storage: [{ name: "/dev/sda", serialNumber: "B2" }] } },
  };
};

/** What the operator puts before any error from 0.14 on. */
export const bracket = "Image provisioning failed (url: http://192.0.2.9/i.qcow2, checksum: 0123):";

/** Causes that stand with hosts and what the operator reports of them. */
export const hostCauses: Readonly<Record<string, Case>> = {
  "a password that the BMC refused three times": {
    after: 0,
    objects: readyBut([failing("registration error", 3, "Failed to get power state: HTTP 401 Unauthorized")]),
    ids: ["hosts/bmc-credentials-refused"],
  },
  "a BMC that does not answer, in its own words": {
    after: 0,
    objects: readyBut([failing("registration error", 3, "connection to 192.0.2.1 timed out")]),
    ids: ["hosts/registration-failed"],
  },
  "an image whose checksum is another": {
    after: 0,
    objects: readyBut([
      failing("provisioning error", 1, "Image failed to verify against checksum. location: x"),
    ]),
    ids: ["hosts/image-checksum-mismatch"],
  },
  "an image whose checksum is another, as operators from 0.14 on report it": {
    after: 0,
    objects: readyBut([
      failing(
        "provisioning error",
        1,
        `${bracket} Deploy step failed: Image failed to verify against checksum. location: x`,
      ),
    ]),
    ids: ["hosts/image-checksum-mismatch"],
  },
  "a root device hint that no disk has": {
    after: 60,
    objects: readyBut([withOtherDisk()]),
    ids: ["hosts/root-disk-absent"],
  },
  "a disk that cannot be written three times": {
    after: 0,
    objects: readyBut([failing("provisioning error", 3, "no suitable device was found")]),
    ids: ["hosts/provisioning-failed"],
  },
  "an inspection that fails three times": {
    after: 0,
    objects: readyBut([failing("inspection error", 3, "timeout reached while inspecting the node")]),
    ids: ["hosts/inspection-failed"],
  },
  "a preparation that fails three times": {
    after: 0,
    objects: readyBut([failing("preparation error", 3, "RAID controller not found")]),
    ids: ["hosts/preparation-failed"],
  },
  "a power switch that fails five times": {
    after: 0,
    objects: readyBut([failing("power management error", 5, "IPMI call failed: power status")]),
    ids: ["hosts/power-failed"],
  },
};

import { bmcDriverOf, shownBmcAddress } from "../../stack/bmc";
import { type Check, type CheckResults, defineCheck, duplicates } from "../check";

const diskHints = ["serialNumber", "wwn", "wwnWithExtension"] as const;

/** Image, containers and logs of a node; the kubelet starts to evict at 15 percent free. */
const leastGigabytes = 20;

const wwnForm = /^(0x)?([0-9a-f]{16}|[0-9a-f]{32})$/i;

const nvmeForm = /^(eui|nvme|uuid|naa|t10)\./i;

/** Checks of root devices, RAID volumes and cleaning. */
export const diskChecks: readonly Check[] = [
  defineCheck({
    id: "hosts/root-device-given",
    summary: "Every host has a hint for its root device.",
    why: "without a hint Ironic wipes the smallest disk over 4 GB, which may be a data disk or a USB stick",
    severity: "warning",
    run: ({ hosts }) =>
      hosts.flatMap(({ name, rootDeviceHints, externallyProvisioned }, i) =>
        externallyProvisioned || Object.values(rootDeviceHints ?? {}).some((hint) => hint !== undefined)
          ? []
          : {
              at: `hosts[${i}].rootDeviceHints`,
              problem: `no hint selects the disk of ${name} that gets the image`,
              fix: "add the disk's serialNumber or wwn; inspection shows them in the BareMetalHost's status",
            },
      ),
  }),
  defineCheck({
    id: "hosts/root-device-stable",
    summary: "The root device hint does not depend on the order in which the kernel finds disks.",
    why: "the kernel numbers disks as it finds them: after the next boot sda may be a data disk, and it is wiped",
    severity: "warning",
    run: ({ hosts }) =>
      hosts.flatMap(({ rootDeviceHints: hints = {} }, i) => {
        const { deviceName = "", hctl, serialNumber, wwn, wwnWithExtension } = hints;
        const stable = [hctl, serialNumber, wwn, wwnWithExtension].some((hint) => hint !== undefined);
        if (stable || !/^\/dev\/(sd[a-z]+|vd[a-z]+|hd[a-z]+|nvme\d+n\d+)$/.test(deviceName)) return [];
        return {
          at: `hosts[${i}].rootDeviceHints.deviceName`,
          problem: `"${deviceName}" names another disk when the order changes`,
          fix: "write serialNumber, wwn, or a path below /dev/disk/by-path/",
        };
      }),
  }),
  defineCheck({
    id: "hosts/root-device-unique",
    summary: "No two hosts name the same disk as their root device.",
    why: "one of the two hosts does not have the disk, and fails after it has booted the installer",
    run: ({ hosts }) =>
      diskHints.flatMap((key) =>
        duplicates(
          hosts.flatMap(({ name: of, rootDeviceHints }, i) => {
            const text = rootDeviceHints?.[key];
            return text === undefined ? [] : { at: `hosts[${i}].rootDeviceHints.${key}`, text, of };
          }),
          "write each host's own disk",
          (hint) => hint.toLowerCase(),
        ),
      ),
  }),
  defineCheck({
    id: "hosts/root-device-size",
    summary: "The root device hint excludes disks that are too small for a node.",
    why: "an SD card or USB stick of that size also matches, and a node on it evicts its pods for lack of space",
    severity: "warning",
    run: ({ hosts }) =>
      hosts.flatMap(({ rootDeviceHints }, i) => {
        const size = rootDeviceHints?.minSizeGigabytes;
        if (size === undefined || size >= leastGigabytes) return [];
        return {
          at: `hosts[${i}].rootDeviceHints.minSizeGigabytes`,
          problem: `${size} GB are too small for a node`,
          fix: `write at least ${leastGigabytes}`,
        };
      }),
  }),
  defineCheck({
    id: "hosts/device-name-path",
    summary: "A root device name is directly below /dev or /dev/disk/by-path.",
    why: "Metal3 refuses a device in any other folder",
    run: ({ hosts }) =>
      hosts.flatMap(({ rootDeviceHints }, i) => {
        const deviceName = rootDeviceHints?.deviceName;
        if (deviceName === undefined || /^\/dev\/(disk\/by-path\/)?[^/]+$/.test(deviceName)) return [];
        return {
          at: `hosts[${i}].rootDeviceHints.deviceName`,
          problem: `"${deviceName}" is not directly below /dev or /dev/disk/by-path`,
          fix: deviceName.includes("/by-id/")
            ? "write the disk's serialNumber or wwn instead"
            : "write for example /dev/disk/by-path/pci-0000:01:00.0-nvme-1",
        };
      }),
  }),
  defineCheck({
    id: "hosts/hctl-form",
    summary: "An HCTL root device hint is a SCSI address.",
    why: "no disk matches the hint, and the host fails after it has booted the installer",
    run: ({ hosts }) =>
      hosts.flatMap(({ rootDeviceHints }, i) => {
        const hctl = rootDeviceHints?.hctl;
        if (hctl === undefined || /^\d+:\d+:\d+:\d+$/.test(hctl)) return [];
        return {
          at: `hosts[${i}].rootDeviceHints.hctl`,
          problem: `"${hctl}" is not a SCSI address`,
          fix: "write host:channel:target:lun, such as 0:0:0:0",
        };
      }),
  }),
  defineCheck({
    id: "hosts/wwn-form",
    summary: "A WWN root device hint is a World Wide Name.",
    why: "no disk matches the hint, and the host fails after it has booted the installer",
    run: ({ hosts }) =>
      hosts.flatMap(({ rootDeviceHints: hints = {} }, i) =>
        (["wwn", "wwnWithExtension", "wwnVendorExtension"] as const).flatMap((key) => {
          const value = hints[key];
          if (value === undefined || wwnForm.test(value) || nvmeForm.test(value)) return [];
          return {
            at: `hosts[${i}].rootDeviceHints.${key}`,
            problem: `"${value}" is not a World Wide Name`,
            fix: "write 16 or 32 hexadecimal digits as the BareMetalHost's status shows them, such as 0x5000c500a1b2c3d4",
          };
        }),
      ),
  }),
  defineCheck({
    id: "hosts/raid-served",
    summary: "RAID volumes suit the BMC driver and each other.",
    why: "the Baremetal Operator refuses the host, or fails to prepare it, and no image is written",
    run: ({ hosts }) =>
      hosts.flatMap(({ bmc, raid }, i): CheckResults => {
        const { hardwareRAIDVolumes: hardware, softwareRAIDVolumes: software } = raid ?? {};
        const at = `hosts[${i}].raid`;
        const driver = bmcDriverOf(bmc.address);
        return [
          hardware !== undefined && driver?.redfish === false
            ? {
                at: `${at}.hardwareRAIDVolumes`,
                problem: `"${shownBmcAddress(bmc.address)}" has a driver that configures no RAID controller`,
                fix: "use a Redfish driver, or softwareRAIDVolumes",
              }
            : [],
          hardware !== undefined && software !== undefined
            ? { at, problem: "both hardware and software volumes are given", fix: "keep one of the two" }
            : [],
          software !== undefined && software[0]?.level !== "1"
            ? {
                at: `${at}.softwareRAIDVolumes[0].level`,
                problem: `"${software[0]?.level}" is not a level for the volume that gets the image`,
                fix: 'write "1": the boot loader reads no other',
              }
            : [],
          ...(hardware ?? []).flatMap(({ physicalDisks, numberOfPhysicalDisks, controller }, j) => [
            physicalDisks !== undefined && controller === undefined
              ? {
                  at: `${at}.hardwareRAIDVolumes[${j}].controller`,
                  problem: "disks are listed without their controller",
                  fix: "add the controller of these disks",
                }
              : [],
            physicalDisks !== undefined &&
            numberOfPhysicalDisks !== undefined &&
            physicalDisks.length !== numberOfPhysicalDisks
              ? {
                  at: `${at}.hardwareRAIDVolumes[${j}].numberOfPhysicalDisks`,
                  problem: `${numberOfPhysicalDisks} is not the number of physicalDisks, ${physicalDisks.length}`,
                  fix: `write ${physicalDisks.length}, or remove it`,
                }
              : [],
          ]),
        ];
      }),
  }),
  // baremetal-operator pkg/provisioner/ironic/raid.go: "the names(…) of volume[…] and volume[…] are repeated".
  defineCheck({
    id: "hosts/raid-volume-names-unique",
    summary: "No two RAID volumes of a host have the same name.",
    why: "the Baremetal Operator refuses the volumes, even on different controllers, and the host is not prepared",
    run: ({ hosts }) =>
      hosts.flatMap(({ raid }, i) =>
        duplicates(
          (raid?.hardwareRAIDVolumes ?? []).flatMap(({ name: text }, j) =>
            text === undefined ? [] : { at: `hosts[${i}].raid.hardwareRAIDVolumes[${j}].name`, text },
          ),
          "write another name, or leave it out",
        ),
      ),
  }),
  defineCheck({
    id: "metal3/cleaning-enabled",
    summary: "Hosts wipe their disks' metadata when they are released.",
    why: "the next machine on the host finds the old partitions: etcd members, volume groups and Ceph disks come back to life",
    severity: "warning",
    run: ({ hosts }) =>
      hosts.flatMap(({ name, cleaning }, i) =>
        cleaning === "metadata"
          ? []
          : {
              at: `hosts[${i}].cleaning`,
              problem: `nothing on the disks of ${name} is wiped when it is released`,
              fix: "write metadata, or accept this for hosts whose data disks must survive",
            },
      ),
  }),
];

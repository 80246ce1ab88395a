import { defineCheck } from "../check";

export const rootDeviceStable = defineCheck({
  id: "hosts/root-device-stable",
  severity: "warning",
  why: "the kernel numbers disks as it finds them: after the next boot sda may be a data disk, and it is wiped",
  run: ({ hosts }) =>
    hosts.flatMap(({ rootDeviceHints: hints = {} }, i) => {
      const { deviceName = "", hctl, serialNumber, wwn, wwnWithExtension } = hints;
      const stable = [hctl, serialNumber, wwn, wwnWithExtension].some((hint) => hint !== undefined);
      if (stable || !/^\/dev\/(sd[a-z]+|vd[a-z]+|hd[a-z]+|nvme\d+n\d+)$/.test(deviceName)) return [];
      return [
        {
          at: `hosts[${i}].rootDeviceHints.deviceName`,
          problem: `"${deviceName}" names another disk when the order changes`,
          fix: "write serialNumber, wwn, or a path below /dev/disk/by-path/",
        },
      ];
    }),
});

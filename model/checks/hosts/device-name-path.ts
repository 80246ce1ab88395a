import { defineCheck } from "../check";

export const deviceNamePath = defineCheck({
  id: "hosts/device-name-path",
  why: "Metal3 refuses a device outside /dev and /dev/disk/by-path",
  run: ({ hosts }) =>
    hosts.flatMap(({ rootDeviceHints }, i) => {
      const deviceName = rootDeviceHints?.deviceName;
      if (deviceName === undefined || /^\/dev\/(disk\/by-path\/)?[^/]+$/.test(deviceName)) return [];
      return [
        {
          at: `hosts[${i}].rootDeviceHints.deviceName`,
          problem: `"${deviceName}" is not directly below /dev or /dev/disk/by-path`,
          fix: deviceName.includes("/by-id/")
            ? "write the disk's serialNumber or wwn instead"
            : "write for example /dev/disk/by-path/pci-0000:01:00.0-nvme-1",
        },
      ];
    }),
});

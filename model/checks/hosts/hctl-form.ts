import { defineCheck } from "../check";

export const hctlForm = defineCheck({
  id: "hosts/hctl-form",
  why: "no disk matches the hint, and the host fails after it has booted the installer",
  run: ({ hosts }) =>
    hosts.flatMap(({ rootDeviceHints }, i) => {
      const hctl = rootDeviceHints?.hctl;
      if (hctl === undefined || /^\d+:\d+:\d+:\d+$/.test(hctl)) return [];
      return [
        {
          at: `hosts[${i}].rootDeviceHints.hctl`,
          problem: `"${hctl}" is no SCSI address`,
          fix: "write host:channel:target:lun, such as 0:0:0:0",
        },
      ];
    }),
});

import { defineCheck } from "../check";

const wwn = /^(0x)?([0-9a-f]{16}|[0-9a-f]{32})$/i;
const nvme = /^(eui|nvme|uuid|naa|t10)\./i;

export const wwnForm = defineCheck({
  id: "hosts/wwn-form",
  why: "no disk matches the hint, and the host fails after it has booted the installer",
  run: ({ hosts }) =>
    hosts.flatMap(({ rootDeviceHints: hints = {} }, i) =>
      (["wwn", "wwnWithExtension", "wwnVendorExtension"] as const).flatMap((key) => {
        const value = hints[key];
        if (value === undefined || wwn.test(value) || nvme.test(value)) return [];
        return [
          {
            at: `hosts[${i}].rootDeviceHints.${key}`,
            problem: `"${value}" is no World Wide Name`,
            fix: "write 16 or 32 hexadecimal digits as the BareMetalHost's status shows them, such as 0x5000c500a1b2c3d4",
          },
        ];
      }),
    ),
});

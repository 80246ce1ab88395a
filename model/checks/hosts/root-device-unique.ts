import { defineCheck } from "../check";
import { repeated } from "../repeated";

const keys = ["serialNumber", "wwn", "wwnWithExtension"] as const;

export const rootDeviceUnique = defineCheck({
  id: "hosts/root-device-unique",
  why: "one of the two hosts does not have the disk, and fails after it has booted the installer",
  run: ({ hosts }) =>
    keys.flatMap((key) =>
      repeated(
        hosts.flatMap(({ name, rootDeviceHints }, i) => {
          const hint = rootDeviceHints?.[key];
          return hint === undefined ? [] : [{ at: `hosts[${i}].rootDeviceHints.${key}`, name, hint }];
        }),
        ({ hint }) => hint.toLowerCase(),
      ).map(([first, again]) => ({
        at: again.at,
        problem: `"${again.hint}" is also ${first.at} (${first.name})`,
        fix: "write each host's own disk",
      })),
    ),
});

import { defineCheck } from "../check";

/** Image, containers and logs of a node; the kubelet starts to evict at 15 percent free. */
const least = 20;

export const rootDeviceSize = defineCheck({
  id: "hosts/root-device-size",
  severity: "warning",
  why: "an SD card or USB stick of that size also matches, and a node on it evicts its pods for want of space",
  run: ({ hosts }) =>
    hosts.flatMap(({ rootDeviceHints }, i) => {
      const size = rootDeviceHints?.minSizeGigabytes;
      if (size === undefined || size >= least) return [];
      return [
        {
          at: `hosts[${i}].rootDeviceHints.minSizeGigabytes`,
          problem: `${size} GB hold no node`,
          fix: `write at least ${least}`,
        },
      ];
    }),
});

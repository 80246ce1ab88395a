import { defineCheck } from "../check";

export const rootDeviceGiven = defineCheck({
  id: "hosts/root-device-given",
  severity: "warning",
  why: "without a hint Ironic wipes the smallest disk over 4 GB, which may be a data disk or a USB stick",
  run: ({ hosts }) =>
    hosts.flatMap(({ name, rootDeviceHints }, i) =>
      Object.values(rootDeviceHints ?? {}).some((hint) => hint !== undefined)
        ? []
        : [
            {
              at: `hosts[${i}].rootDeviceHints`,
              problem: `nothing says which disk of ${name} gets the image`,
              fix: "add the disk's serialNumber or wwn; inspection shows them in the BareMetalHost's status",
            },
          ],
    ),
});

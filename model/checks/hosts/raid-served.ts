import { shownBmcAddress } from "../../bmc/address";
import { bmcDriverOf } from "../../bmc/drivers";
import { type CheckResult, defineCheck } from "../check";

export const raidServed = defineCheck({
  id: "hosts/raid-served",
  why: "the Baremetal Operator refuses the host, or fails to prepare it, and no image is written",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc, raid }, i): CheckResult[] => {
      const { hardwareRAIDVolumes: hardware, softwareRAIDVolumes: software } = raid ?? {};
      const at = `hosts[${i}].raid`;
      const driver = bmcDriverOf(bmc.address);
      return [
        ...(hardware !== undefined && driver?.redfish === false
          ? [
              {
                at: `${at}.hardwareRAIDVolumes`,
                problem: `"${shownBmcAddress(bmc.address)}" has a driver that configures no RAID controller`,
                fix: "use a Redfish driver, or softwareRAIDVolumes",
              },
            ]
          : []),
        ...(hardware !== undefined && software !== undefined
          ? [{ at, problem: "hardware and software volumes are named", fix: "keep one of the two" }]
          : []),
        ...(software !== undefined && software[0]?.level !== "1"
          ? [
              {
                at: `${at}.softwareRAIDVolumes[0].level`,
                problem: `"${software[0]?.level}" is the level of the volume that gets the image`,
                fix: 'write "1": the boot loader reads no other',
              },
            ]
          : []),
        ...(hardware ?? []).flatMap(({ physicalDisks, numberOfPhysicalDisks, controller }, j) => [
          ...(physicalDisks !== undefined && controller === undefined
            ? [
                {
                  at: `${at}.hardwareRAIDVolumes[${j}].controller`,
                  problem: "disks are named, and no controller",
                  fix: "add the controller that they are at",
                },
              ]
            : []),
          ...(physicalDisks !== undefined &&
          numberOfPhysicalDisks !== undefined &&
          physicalDisks.length !== numberOfPhysicalDisks
            ? [
                {
                  at: `${at}.hardwareRAIDVolumes[${j}].numberOfPhysicalDisks`,
                  problem: `${numberOfPhysicalDisks} is not the number of physicalDisks, ${physicalDisks.length}`,
                  fix: `write ${physicalDisks.length}, or remove it`,
                },
              ]
            : []),
        ]),
      ];
    }),
});

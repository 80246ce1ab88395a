import { defineCheck } from "../check";

export const cleaningEnabled = defineCheck({
  id: "metal3/cleaning-enabled",
  severity: "warning",
  why: "the next machine on the host finds the old partitions: etcd members, volume groups and Ceph disks come back to life",
  run: ({ hosts }) =>
    hosts.flatMap(({ name, cleaning }, i) =>
      cleaning === "metadata"
        ? []
        : [
            {
              at: `hosts[${i}].cleaning`,
              problem: `nothing on the disks of ${name} is wiped when it is released`,
              fix: "write metadata, or accept this for hosts whose data disks must survive",
            },
          ],
    ),
});

import { defineCheck } from "../check";

/** Machines are drained, powered off and wiped; Metal3's own tests allow 40 to 90 minutes (facts/capi-metal3.md 4.2). */
const least = 40;

export const deleteCoversCleaning = defineCheck({
  id: "timeouts/delete-covers-cleaning",
  why: "destroy ends in the middle of wiping, and the hosts are left half released",
  run: ({ timeouts: { delete: minutes } }) =>
    minutes >= least
      ? []
      : [
          {
            at: "timeouts.delete",
            problem: `${minutes} minutes are less than it takes to release and wipe servers`,
            fix: "write 90",
          },
        ],
});

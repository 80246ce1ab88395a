import { hostsOf } from "../../plan/addressing";
import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";

export const spareHostPresent = defineCheck({
  id: "pools/spare-host-present",
  why: "a rollout takes a free host first, and where there is none it waits for ever",
  run: (stack) =>
    machinePools(stack).flatMap(({ at, name, replicas, rollout }) => {
      const hosts = hostsOf(stack, name).length;
      // Fewer hosts than machines is the business of hosts/enough-per-pool.
      if (!rollout.spareHost || replicas === 0 || hosts !== replicas) return [];
      const without = at === "controlPlane" && replicas < 3 ? "" : ", or write spareHost: false";
      return [
        {
          at: `${at}.rollout.spareHost`,
          problem: `all ${hosts} hosts of pool ${name} are in use, none is spare`,
          fix: `add a host with pool: ${name}${without}`,
        },
      ];
    }),
});

import { defineCheck } from "../check";

/** Minutes that a server usually takes; hosts work side by side, control planes are made in turn (facts/anchors.md 6). */
const inspection = 20;
const firstMachine = 25;
const eachFurther = 15;

export const readyCoversJoins = defineCheck({
  id: "timeouts/ready-covers-joins",
  why: "the program gives up while the last control plane machine is still being written, although nothing is wrong",
  run: ({ controlPlane: { replicas }, timeouts: { ready } }) => {
    const needed = inspection + firstMachine + eachFurther * (replicas - 1);
    if (ready >= needed) return [];
    return [
      {
        at: "timeouts.ready",
        problem: `${ready} minutes are less than ${replicas} control plane machine${replicas === 1 ? "" : "s"} usually take: ${needed}`,
        fix: `write ${Math.max(120, needed)}`,
      },
    ];
  },
});

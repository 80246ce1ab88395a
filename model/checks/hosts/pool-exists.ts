import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const poolExists = defineCheck({
  id: "hosts/pool-exists",
  why: "a host in an unknown pool never becomes a machine",
  run: (stack) => {
    const pools = [controlPlanePool, ...stack.workers.map(({ name }) => name)];
    return stack.hosts.flatMap(({ pool }, i) =>
      pools.includes(pool)
        ? []
        : [
            {
              at: `hosts[${i}].pool`,
              problem: `there is no pool "${pool}"`,
              fix: `use one of ${pools.join(", ")}`,
            },
          ],
    );
  },
});

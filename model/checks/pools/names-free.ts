import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const namesFree = defineCheck({
  id: "pools/names-free",
  why: "hosts of a worker pool with that name would be taken for control plane machines",
  acceptable: false,
  run: ({ workers }) =>
    workers.flatMap(({ name }, i) =>
      name !== controlPlanePool
        ? []
        : [
            {
              at: `workers[${i}].name`,
              problem: `"${name}" is the name of the control plane's own pool`,
              fix: 'use another name, such as "workers"',
            },
          ],
    ),
});

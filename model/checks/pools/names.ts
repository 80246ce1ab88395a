import { machineDeploymentName } from "../../plan/manifests/cluster";
import { controlPlanePool } from "../../kubernetes/labels";
import { type Check, defineCheck, duplicates } from "../check";

/** A MachineDeployment's name becomes a label value on its machines. */
const longest = 63;

/** Checks of the names of worker pools. */
export const poolNameChecks: readonly Check[] = [
  defineCheck({
    id: "pools/names-unique",
    summary: "Every worker pool has a distinct name.",
    why: "two pools with the same name are one MachineDeployment, and a change of one undoes the other",
    acceptable: false,
    run: ({ workers }) =>
      duplicates(
        workers.map(({ name: text }, i) => ({ text, at: `workers[${i}].name` })),
        "give each pool its own name",
      ),
  }),
  defineCheck({
    id: "pools/names-free",
    summary: "No worker pool has the name of the control plane's pool.",
    why: "hosts of a worker pool with that name would become control plane machines",
    acceptable: false,
    run: ({ workers }) =>
      workers.flatMap(({ name }, i) =>
        name !== controlPlanePool
          ? []
          : {
              at: `workers[${i}].name`,
              problem: `"${name}" is the name of the control plane's own pool`,
              fix: 'use another name, such as "workers"',
            },
      ),
  }),
  defineCheck({
    id: "pools/names-short",
    summary: "The names of worker pools fit into the names of their MachineDeployments.",
    why: "Cluster API refuses a MachineDeployment whose name does not fit into a label",
    run: (stack) =>
      stack.workers.flatMap(({ name }, i) => {
        const deployment = machineDeploymentName(stack, name);
        if (deployment.length <= longest) return [];
        return {
          at: `workers[${i}].name`,
          problem: `"${name}" makes the MachineDeployment "${deployment}", ${deployment.length} characters of at most ${longest}`,
          fix: `shorten it to ${longest - (deployment.length - name.length)} characters`,
        };
      }),
  }),
];

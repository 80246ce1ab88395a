import { machineDeploymentName } from "../../manifests/cluster";
import { defineCheck } from "../check";

/** A MachineDeployment's name is the value of a label on its machines. */
const longest = 63;

export const namesShort = defineCheck({
  id: "pools/names-short",
  why: "Cluster API refuses a MachineDeployment whose name does not fit into a label",
  run: (stack) =>
    stack.workers.flatMap(({ name }, i) => {
      const deployment = machineDeploymentName(stack, name);
      if (deployment.length <= longest) return [];
      return [
        {
          at: `workers[${i}].name`,
          problem: `"${name}" makes the MachineDeployment "${deployment}", ${deployment.length} characters of at most ${longest}`,
          fix: `shorten it to ${longest - (deployment.length - name.length)} characters`,
        },
      ];
    }),
});

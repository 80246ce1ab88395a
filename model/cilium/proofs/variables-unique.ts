import { list, text } from "../../kubernetes/object";
import { containersOf, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const variablesUnique = defineProof({
  id: "render/variables-unique",
  why: "of an environment variable that stands twice the last one wins, silently over the chart's",
  run: (render) =>
    workloadsOf(render).flatMap(({ place, pod, values }) =>
      containersOf(pod).flatMap((container) => {
        const names = list(container, "env").map((entry) => text(entry, "name") ?? "");
        const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
        return [...twice].map((name) => ({
          key: `${values}extraEnv`,
          problem: `${place}, container ${text(container, "name") ?? "?"}: ${name} is set twice`,
          fix: `remove ${name} from ${values}extraEnv in cilium.values`,
        }));
      }),
    ),
});

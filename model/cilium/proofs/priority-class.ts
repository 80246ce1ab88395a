import { text } from "../../kubernetes/object";
import { quoted, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const priorityClass = defineProof({
  id: "render/priority-class",
  why: "without a system priority the network's own pods are evicted, or stay pending on a full node",
  run: (render) =>
    workloadsOf(render).flatMap(({ kind, place, pod, values }) => {
      const allowed = ["system-node-critical", ...(kind === "Deployment" ? ["system-cluster-critical"] : [])];
      const found = text(pod, "priorityClassName");
      if (found !== undefined && allowed.includes(found)) return [];
      return [
        {
          key: `${values}priorityClassName`,
          problem: `${place}: priorityClassName is ${quoted(found)}, not ${allowed.join(" or ")}`,
          fix: `remove ${values}priorityClassName from cilium.values`,
        },
      ];
    }),
});

import { field } from "../../kubernetes/object";
import { workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const hostNetwork = defineProof({
  id: "render/host-network",
  why: "a pod without the host's network waits for the CNI that it is there to provide",
  run: (render) =>
    workloadsOf(render)
      .filter(({ pod }) => field(pod, "hostNetwork") !== true)
      .map(({ place, values }) => ({
        ...(values === "operator." ? { key: "operator.hostNetwork" } : {}),
        problem: `${place} does not use the host's network, so it would wait for the CNI that it provides`,
        fix:
          values === "operator."
            ? "remove operator.hostNetwork from cilium.values"
            : "use the released chart: no key of it changes this (cilium.chartDirectory)",
      })),
});

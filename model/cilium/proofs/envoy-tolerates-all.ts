import { envoy, toleratesAll, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const envoyToleratesAll = defineProof({
  id: "render/envoy-tolerates-all",
  why: "without Envoy on a node its layer 7 policies drop all traffic",
  run: (render) =>
    workloadsOf(render, [envoy])
      .filter(({ pod }) => !toleratesAll(pod))
      .map(({ place }) => ({
        key: "envoy.tolerations",
        problem: `${place} does not tolerate every taint, so a tainted node would have none`,
        fix: "write envoy.tolerations: [{operator: Exists}] in cilium.values, or remove the key",
      })),
});

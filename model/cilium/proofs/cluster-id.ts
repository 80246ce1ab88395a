import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const clusterId = defineProof({
  id: "render/cluster-id",
  why: "the agent ends at its start with a cluster id that a mesh cannot have",
  run: (render) => {
    const config = configOf(render);
    if (config === undefined) return [];
    const limit = config["max-connected-clusters"] === "511" ? 511 : 255;
    const id = config["cluster-id"];
    if (typeof id === "string" && /^\d+$/.test(id) && Number(id) <= limit) return [];
    return [
      {
        key: "cluster.id",
        problem: `cilium-config: cluster-id is ${quoted(id)}, not a number from 0 to ${limit}`,
        fix: "write cluster.id: 0 in cilium.values, or remove it; other numbers are for a mesh of clusters",
      },
    ];
  },
});

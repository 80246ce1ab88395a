import { defineCheck } from "../check";
import { quoted, value } from "./user-values";

export const clusterIdentity = defineCheck({
  id: "cilium/cluster-identity",
  why: "the chart refuses the name, or two clusters of a mesh take each other's pods for their own",
  run: (stack) => {
    const id = value(stack, "cluster.id");
    const name = value(stack, "cluster.name");
    const most = Number(value(stack, "clustermesh.maxConnectedClusters") ?? 255);
    const wellformed = typeof name === "string" && /^([a-z0-9][-a-z0-9]*)?[a-z0-9]$/.test(name);
    return [
      ...(typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= most
        ? []
        : [
            {
              at: "cilium.values.cluster.id",
              problem: `${quoted(id)} is no number of a cluster`,
              fix: `write one from 1 to ${most} that no other cluster of the mesh has, or remove it`,
            },
          ]),
      ...(wellformed && name.length <= 32
        ? []
        : // The stack's own name is the business of cilium/cluster-name-short.
          name === stack.name
          ? []
          : [
              {
                at: "cilium.values.cluster.name",
                problem: `${quoted(name)} is no name of a cluster`,
                fix: `remove it; the name is ${stack.name}`,
              },
            ]),
      ...(name === "default" && id !== 0
        ? [
            {
              at: "cilium.values.cluster.id",
              problem: `a cluster named "default" cannot have a number, ${quoted(id)}`,
              fix: "name the cluster (metal:name), or remove cluster.id",
            },
          ]
        : []),
    ];
  },
});

import { configValue } from "./config-value";

export const clusterName = configValue({
  id: "render/cluster-name",
  why: "what the cluster is called in its metrics, flows and in a mesh would differ from this stack",
  setting: "cluster-name",
  wanted: ({ clusterName }) => clusterName,
  key: "cluster.name",
  fix: () => "remove cluster.name from cilium.values, and set the name of the stack",
});

import { configValue } from "./config-value";

export const taintsRemoved = configValue({
  id: "render/taints-removed",
  why: "nodes that start with the taint of a missing agent keep it, and CoreDNS is never scheduled",
  setting: "remove-cilium-node-taints",
  wanted: () => "true",
  key: "operator.removeNodeTaints",
  fix: () => "remove operator.removeNodeTaints from cilium.values",
});

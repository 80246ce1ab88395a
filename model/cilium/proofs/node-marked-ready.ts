import { configValue } from "./config-value";

export const nodeMarkedReady = configValue({
  id: "render/node-marked-ready",
  why: "the node keeps its condition NetworkUnavailable, and nothing is scheduled on it",
  setting: "set-cilium-is-up-condition",
  wanted: () => "true",
  key: "operator.setNodeNetworkStatus",
  fix: () => "remove operator.setNodeNetworkStatus from cilium.values",
});

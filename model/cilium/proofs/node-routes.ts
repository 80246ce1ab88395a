import { configValue } from "./config-value";

export const nodeRoutes = configValue({
  id: "render/node-routes",
  why: "with native routing pods on two nodes meet only when the nodes, or the fabric, know the way",
  setting: "auto-direct-node-routes",
  wanted: ({ routing }) => (routing.mode === "native" ? String(routing.autoDirectNodeRoutes) : undefined),
  key: "autoDirectNodeRoutes",
  fix: (wanted) =>
    `remove autoDirectNodeRoutes from cilium.values, and write cilium.autoDirectNodeRoutes: ${wanted === "true" ? "false" : "true"} if that is meant`,
});

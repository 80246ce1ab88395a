import { defineCheck } from "../check";
import { quoted, userValue } from "./user-values";

/** Helm values that have a key of their own in the stack file, which other checks and the router's side read. */
const ownKeys: Readonly<Record<string, string>> = {
  routingMode: "cilium.routingMode",
  tunnelProtocol: "cilium.tunnelProtocol",
  autoDirectNodeRoutes: "cilium.autoDirectNodeRoutes",
  upgradeCompatibility: "cilium.installedVersion",
  "cni.binPath": "image.cniBinaryPath",
};

export const settingsSaidOnce = defineCheck({
  id: "cilium/settings-said-once",
  why: "of two places that say different things only one is right, and the readers of this file believe the other",
  run: (stack) =>
    Object.entries(ownKeys).flatMap(([path, own]) => {
      const set = userValue(stack, path);
      if (set === undefined) return [];
      return [
        {
          at: `cilium.values.${path}`,
          problem: `${quoted(set)} goes past ${own}`,
          fix: `remove it, and write it as ${own}`,
        },
      ];
    }),
});

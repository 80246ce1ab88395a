import { supportedVersions } from "../../config/supported-versions";
import { defineCheck } from "../check";

export const bgpServed = defineCheck({
  id: "cilium/bgp-served",
  why: "the BGP kinds of cilium.io/v2 exist since 1.18",
  run: ({ cilium, bgp }) => {
    const [major = 0, minor = 0] = cilium.version.split(".").map(Number);
    if (bgp === undefined || major > 1 || minor >= supportedVersions.cilium.oldest) return [];
    return [
      {
        at: "cilium.version",
        problem: `Cilium ${cilium.version} does not serve BGP in cilium.io/v2`,
        fix: `write "${supportedVersions.cilium.default}"`,
      },
    ];
  },
});

import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const taintKeyMatches = defineProof({
  id: "render/taint-key-matches",
  why: "a node that starts with a taint of another name keeps it for ever, and nothing is scheduled there",
  run: (render, { nodeTaints }) => {
    const config = configOf(render);
    const key = config?.["agent-not-ready-taint-key"];
    return nodeTaints
      .filter((taint) => config !== undefined && /cilium.*not-ready$/.test(taint) && taint !== key)
      .map((taint) => ({
        key: "agentNotReadyTaintKey",
        problem: `cilium-config: agent-not-ready-taint-key is ${quoted(key)}, and nodes start with the taint ${taint}`,
        fix: `write agentNotReadyTaintKey: ${taint} in cilium.values`,
      }));
  },
});

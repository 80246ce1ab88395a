import { agent, toleratesAll, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const agentToleratesAll = defineProof({
  id: "render/agent-tolerates-all",
  why: "an agent that stays away from a tainted node leaves that node without a network for ever",
  run: (render) =>
    workloadsOf(render, [agent])
      .filter(({ pod }) => !toleratesAll(pod))
      .map(({ place }) => ({
        key: "tolerations",
        problem: `${place} does not tolerate every taint, so a tainted node would have none`,
        fix: "write tolerations: [{operator: Exists}] in cilium.values, or remove the key",
      })),
});

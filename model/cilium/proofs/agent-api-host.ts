import { agentClients, differing, hostVariable } from "./api-server";
import { defineProof } from "./proof";

export const agentApiHost = defineProof({
  id: "render/agent-api-host",
  why: "the kubelet puts in the API server's ClusterIP, which nobody serves before the agent itself runs",
  run: (render, plan) => differing(render, plan, agentClients, hostVariable),
});

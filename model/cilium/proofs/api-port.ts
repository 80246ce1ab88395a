import { apiClients, differing, portVariable } from "./api-server";
import { defineProof } from "./proof";

export const apiPort = defineProof({
  id: "render/api-port",
  why: "with a wrong or an empty port there is no URL of the API server, and nothing of Cilium starts",
  run: (render, plan) => differing(render, plan, apiClients, portVariable),
});

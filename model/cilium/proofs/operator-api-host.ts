import { operatorClients, differing, hostVariable } from "./api-server";
import { defineProof } from "./proof";

export const operatorApiHost = defineProof({
  id: "render/operator-api-host",
  why: "the operator would never register its CRDs, and the agents wait for them",
  run: (render, plan) => differing(render, plan, operatorClients, hostVariable),
});

import { helperClients, differing, hostVariable } from "./api-server";
import { defineProof } from "./proof";

export const helpersApiHost = defineProof({
  id: "render/helpers-api-host",
  why: "the chart gives all its containers one API server; one that differs was changed by hand",
  run: (render, plan) => differing(render, plan, helperClients, hostVariable),
});

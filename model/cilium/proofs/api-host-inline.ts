import { field, text } from "../../kubernetes/object";
import { apiClients, apiVariable, hostVariable, portVariable } from "./api-server";
import { defineProof } from "./proof";

export const apiHostInline = defineProof({
  id: "render/api-host-inline",
  why: "a pod whose variable comes from a ConfigMap that nobody has made yet is never started",
  run: (render) =>
    [hostVariable, portVariable].flatMap((variable) =>
      apiVariable(render, apiClients, variable).flatMap(({ place, entries }) =>
        entries
          .filter((entry) => field(entry, "valueFrom") !== undefined)
          .map((entry) => ({
            key: "k8sServiceHostRef",
            problem: `${place}: ${variable} is read from "${text(entry, "valueFrom", "configMapKeyRef", "name") ?? "elsewhere"}"`,
            fix: "remove k8sServiceHostRef from cilium.values; the address follows kubernetes.endpoint",
          })),
      ),
    ),
});

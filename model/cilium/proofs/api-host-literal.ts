import { text } from "../../kubernetes/object";
import { apiClients, apiVariable, hostVariable, unreachableBefore } from "./api-server";
import { defineProof } from "./proof";

export const apiHostLiteral = defineProof({
  id: "render/api-host-literal",
  why: "before Cilium runs only an address outside the cluster's own networks can be reached",
  run: (render, plan) => {
    if (!plan.kubeProxyReplacement) return [];
    const entries = apiVariable(render, apiClients, hostVariable).flatMap((variable) => variable.entries);
    const hosts = new Set(entries.flatMap((entry) => text(entry, "value") ?? []));
    return [...hosts].flatMap((host) => {
      const why = unreachableBefore(host, plan);
      if (why === undefined) return [];
      return [
        {
          key: "k8sServiceHost",
          problem: `${hostVariable} "${host}" ${why}`,
          fix: "remove k8sServiceHost from cilium.values, and write an address into kubernetes.endpoint.host",
        },
      ];
    });
  },
});

import { text } from "../../kubernetes/object";
import { workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const nodeDns = defineProof({
  id: "render/node-dns",
  why: "the cluster's own name service is a pod that needs Cilium first",
  run: (render) =>
    workloadsOf(render).flatMap(({ place, pod, values }) => {
      const policy = text(pod, "dnsPolicy") ?? "Default";
      // A pod on the host's network with ClusterFirst asks the node's name servers, too.
      if (policy === "Default" || policy === "ClusterFirst") return [];
      return [
        {
          key: `${values}dnsPolicy`,
          problem: `${place}: dnsPolicy is "${policy}", so its names are resolved by CoreDNS`,
          fix: `remove ${values}dnsPolicy from cilium.values; the node's name servers are used then`,
        },
      ];
    }),
});

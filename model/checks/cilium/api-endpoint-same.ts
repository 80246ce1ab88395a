import { defineCheck } from "../check";
import { quoted, userValue } from "./user-values";

export const apiEndpointSame = defineCheck({
  id: "cilium/api-endpoint-same",
  why: "without kube-proxy Cilium reaches the API only at the control plane endpoint; elsewhere the first node never becomes ready (dial tcp 10.96.0.1:443: i/o timeout)",
  acceptable: false,
  run: (stack) => {
    const { host, port } = stack.kubernetes.endpoint;
    return [
      { path: "k8sServiceHost", wanted: host },
      { path: "k8sServicePort", wanted: String(port) },
    ].flatMap(({ path, wanted }) => {
      const set = userValue(stack, path);
      if (set === undefined || String(set) === wanted) return [];
      return [
        {
          at: `cilium.values.${path}`,
          problem: `${quoted(set)} is not the control plane endpoint's "${wanted}"`,
          fix: "remove it; it follows kubernetes.endpoint",
        },
      ];
    });
  },
});

import { defineCheck } from "../check";

/** Where kubeadm's API server listens; kube-vip only brings the address, it forwards nothing. */
const apiServerPort = 6443;

export const endpointPortServed = defineCheck({
  id: "kubernetes/endpoint-port-served",
  why: "nothing listens there, so no machine can join and Cilium never reaches the API",
  acceptable: false,
  run: ({ kubernetes: { endpoint } }) =>
    endpoint.provider === "external" || endpoint.port === apiServerPort
      ? []
      : [
          {
            at: "kubernetes.endpoint.port",
            problem: `with kube-vip the API servers answer on ${apiServerPort}, not on ${endpoint.port}`,
            fix: `write ${apiServerPort}, or put a load balancer of yours before them (provider: external)`,
          },
        ],
});

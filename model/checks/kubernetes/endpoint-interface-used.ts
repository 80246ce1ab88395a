import { defineCheck } from "../check";

export const endpointInterfaceUsed = defineCheck({
  id: "kubernetes/endpoint-interface-used",
  why: "the interface is kube-vip's, and an external endpoint has none: nothing announces the address",
  severity: "warning",
  run: ({ kubernetes: { endpoint } }) =>
    endpoint.provider === "external" && endpoint.interface !== undefined
      ? [
          {
            at: "kubernetes.endpoint.interface",
            problem: `"${endpoint.interface}" does nothing with provider external`,
            fix: "remove it, or write provider: kube-vip",
          },
        ]
      : [],
});

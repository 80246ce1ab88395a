import type { Stack } from "../../config/schema";
import { parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";

export const oneNetworkPerFamily = defineCheck({
  id: "net/one-network-per-family",
  why: "Kubernetes takes one IPv4 and one IPv6 network for pods and for services, and kubeadm refuses a second of one family",
  acceptable: false,
  run: ({ network }) => [
    ...twice("network.pods", network.pods),
    ...twice("network.services", network.services),
  ],
});

function twice(at: string, [one, other]: Stack["network"]["pods"]) {
  if (one === undefined || other === undefined) return [];
  const family = parseCidr(one)?.family;
  if (family !== parseCidr(other)?.family) return [];
  return [
    {
      at: `${at}[1]`,
      problem: `${other} is a second IPv${family} network beside ${one}`,
      fix: `keep one of the two, or make the second an IPv${family === 4 ? 6 : 4} network`,
    },
  ];
}

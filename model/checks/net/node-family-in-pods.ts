import { familiesOf } from "./families";
import { defineCheck } from "../check";

export const nodeFamilyInPods = defineCheck({
  id: "net/node-family-in-pods",
  why: "pods without an address of the nodes' family reach neither the nodes nor the API server",
  acceptable: false,
  run: ({ network }) => {
    const [nodes, pods] = [familiesOf([network.nodes]), familiesOf(network.pods)];
    if (pods.includes(nodes)) return [];
    return [
      {
        at: "network.pods",
        problem: `network.nodes ${network.nodes} is ${nodes}, the pod networks are ${pods} only`,
        fix: `add an ${nodes} network to network.pods and network.services`,
      },
    ];
  },
});

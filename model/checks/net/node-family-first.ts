import { familiesOf } from "./families";
import { defineCheck } from "../check";

export const nodeFamilyFirst = defineCheck({
  id: "net/node-family-first",
  why: "kube-apiserver does not start when the first service network has another family than the address that it announces",
  acceptable: false,
  run: ({ network }) => {
    const nodes = familiesOf([network.nodes]);
    const [pods, services] = [familiesOf(network.pods), familiesOf(network.services)];
    if (pods !== services || !services.includes(nodes) || services.startsWith(nodes)) return [];
    return [
      {
        at: "network.services",
        problem: `network.nodes ${network.nodes} is ${nodes}, the services are ${services}`,
        fix: `write the ${nodes} network first, in network.pods and in network.services`,
      },
    ];
  },
});

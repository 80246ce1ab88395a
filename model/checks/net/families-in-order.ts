import { familiesOf } from "./families";
import { defineCheck } from "../check";

export const familiesInOrder = defineCheck({
  id: "net/families-in-order",
  why: "the first family is the primary one of pods and services; where the two differ, services get addresses that pods do not have",
  acceptable: false,
  run: ({ network }) => {
    const [pods, services] = [familiesOf(network.pods), familiesOf(network.services)];
    if (pods === services) return [];
    return [
      {
        at: "network.services",
        problem: `services are ${services}, network.pods ${pods}`,
        fix: `write the service networks as ${pods}, in this order`,
      },
    ];
  },
});

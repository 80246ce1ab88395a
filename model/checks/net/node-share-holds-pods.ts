import { forPool } from "../../plan/machine-settings";
import { defineCheck } from "../check";
import { podNetworks } from "./pod-networks";

/** The kubelet's default of max-pods. */
const kubeletDefault = 110;
/** Cilium keeps the first and the last address, one for its router and one for its health check. */
const taken = 4;

export const nodeShareHoldsPods = defineCheck({
  id: "net/node-share-holds-pods",
  why: "the scheduler fills a node up to max-pods, and pods for which no address is left hang in ContainerCreating",
  run: (stack) => {
    const pools = [stack, ...stack.workers.map(({ name }) => forPool(stack, name))];
    const most = pools
      .map(({ machines }) => machines.kubeletArguments["max-pods"])
      .map((text) => (text === undefined ? kubeletDefault : Number(text)));
    const maxPods = Math.max(...most.filter(Number.isInteger));
    if (!Number.isInteger(maxPods)) return [];
    return podNetworks(stack).flatMap(({ at, key, bits, prefix, perNode }) => {
      const addresses = 2 ** (bits - perNode) - taken;
      if (perNode < prefix || addresses >= maxPods) return [];
      const needed = bits - Math.ceil(Math.log2(maxPods + taken));
      return [
        {
          at: `network.podPrefixPerNode.${key}`,
          problem: `a /${perNode} of ${at} has addresses for ${Math.max(0, addresses)} pods, the kubelet takes ${maxPods}`,
          fix: `write ${needed}, or machines.kubeletArguments.max-pods: "${Math.max(1, addresses)}"`,
        },
      ];
    });
  },
});

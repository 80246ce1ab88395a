import { defineCheck } from "../check";
import { podNetworks } from "./pod-networks";

/** kubeadm and the controller manager keep one bit per share (PodSubnetNodeMaskMaxDiff). */
const widest = 16;

export const nodeShareSize = defineCheck({
  id: "net/node-share-size",
  why: "kubeadm refuses a share that is larger than the pod network, or less than a 65536th of it",
  acceptable: false,
  run: (stack) =>
    podNetworks(stack).flatMap(({ at, text, key, prefix, perNode }) => {
      if (perNode < prefix) {
        return [
          {
            at: `network.podPrefixPerNode.${key}`,
            problem: `a /${perNode} for each node is larger than ${at} ${text}`,
            fix: `write a number from ${prefix + 1} to ${prefix + widest}, or a larger ${at}`,
          },
        ];
      }
      if (perNode - prefix <= widest) return [];
      return [
        {
          at: `network.podPrefixPerNode.${key}`,
          problem: `a /${perNode} for each node makes more than 65536 shares of ${at} ${text}`,
          fix: `write at most ${prefix + widest}, or a smaller ${at}`,
        },
      ];
    }),
});

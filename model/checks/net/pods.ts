import { parseCidr } from "../../net/addresses";
import type { Stack } from "../../stack/schema";
import { forPool, mostMachines, poolMachines } from "../../plan/machines";
import { type Check, defineCheck } from "../check";
import { kubeletSetting } from "../machines/kubelet";
import { greatest } from "../../text/numbers";

/** A pod network with each node's share of it. */
interface PodNetwork {
  readonly at: string;
  readonly text: string;
  readonly key: "ipv4" | "ipv6";
  readonly bits: 32 | 128;
  readonly prefix: number;
  readonly perNode: number;
}

/** The pod networks, with the prefix length of each node's share. */
function podNetworks({ network }: Stack): readonly PodNetwork[] {
  return network.pods.flatMap((text, i) => {
    const range = parseCidr(text);
    if (range === undefined) return [];
    const key = range.family === 4 ? "ipv4" : "ipv6";
    const bits = range.family === 4 ? 32 : 128;
    const perNode = network.podPrefixPerNode[key];
    return [{ at: `network.pods[${i}]`, text, key, bits, prefix: range.prefix, perNode }];
  });
}

/** kubeadm and the controller manager keep one bit per share (PodSubnetNodeMaskMaxDiff). */
const mostShareBits = 16;

/** What the kubelet accepts without a setting. */
const defaultPods = { key: "kubeletArguments.max-pods", value: "110" };

/** The most pods that the kubelet of some pool accepts, and how another number is written there. */
function mostPods(stack: Stack): { readonly pods: number; setting(pods: number): string } | undefined {
  const pools = [
    { at: "machines", of: stack },
    ...stack.workers.map(({ name, machines }, i) => ({
      at: machines === undefined ? "machines" : `workers[${i}].machines`,
      of: forPool(stack, name),
    })),
  ];
  const limits = pools
    .map(({ at, of: { machines } }) => {
      const { key, value } = kubeletSetting(machines, "maxPods") ?? defaultPods;
      const isText = typeof value === "string";
      return {
        setting: (pods: number) => `${at}.${key}: ${isText ? `"${pods}"` : pods}`,
        pods: isText || typeof value === "number" ? Number(value) : NaN,
      };
    })
    .filter(({ pods }) => Number.isInteger(pods));
  const pods = greatest(limits.map((limit) => limit.pods));
  return limits.find((limit) => limit.pods === pods);
}

/** Cilium keeps the first and the last address, one for its router and one for its health check. */
const reserved = 4;

/** Checks of the pod networks and of each node's share of them. */
export const podNetworkChecks: readonly Check[] = [
  defineCheck({
    id: "net/node-share-size",
    summary: "Each node's share is smaller than the pod network, and at least a 65536th of it.",
    why: "kubeadm refuses any other share",
    acceptable: false,
    run: (stack) =>
      podNetworks(stack).flatMap(({ at, text, key, prefix, perNode }) => {
        if (perNode < prefix) {
          return {
            at: `network.podPrefixPerNode.${key}`,
            problem: `a /${perNode} for each node is larger than ${at} ${text}`,
            fix: `write a number from ${prefix + 1} to ${prefix + mostShareBits}, or a larger ${at}`,
          };
        }
        if (perNode - prefix <= mostShareBits) return [];
        return {
          at: `network.podPrefixPerNode.${key}`,
          problem: `a /${perNode} for each node makes more than 65536 shares of ${at} ${text}`,
          fix: `write at most ${prefix + mostShareBits}, or a smaller ${at}`,
        };
      }),
  }),
  defineCheck({
    id: "net/node-share-holds-pods",
    summary: "Each node's share of the pod network holds as many pods as its kubelet accepts.",
    why: "the scheduler fills a node up to max-pods, and pods without a free address stay in ContainerCreating",
    run: (stack) => {
      const found = mostPods(stack);
      if (found === undefined) return [];
      const { pods, setting } = found;
      return podNetworks(stack).flatMap(({ at, key, bits, prefix, perNode }) => {
        const addresses = 2 ** (bits - perNode) - reserved;
        if (perNode < prefix || addresses >= pods) return [];
        const needed = bits - Math.ceil(Math.log2(pods + reserved));
        return {
          at: `network.podPrefixPerNode.${key}`,
          problem: `a /${perNode} of ${at} has addresses for ${Math.max(0, addresses)} pods, the kubelet accepts ${pods}`,
          fix: `write ${needed}, or ${setting(Math.max(1, addresses))}`,
        };
      });
    },
  }),
  defineCheck({
    id: "net/pods-hold-nodes",
    summary: "The pod network has a share for every node, including those of a rolling upgrade.",
    why: "a node without a share of the pod network never becomes ready, in the middle of a scale-out or a rolling upgrade",
    run: (stack) => {
      const nodes = mostMachines(poolMachines(stack));
      return podNetworks(stack).flatMap(({ at, text, key, prefix, perNode }) => {
        const shares = 2 ** Math.max(0, perNode - prefix);
        if (perNode < prefix || shares >= nodes) return [];
        const needed = perNode - Math.ceil(Math.log2(nodes));
        return {
          at,
          problem: `${text} holds ${shares} nodes with a /${perNode} each; ${nodes} exist at once during a rolling upgrade`,
          fix: `write a /${needed} or larger, or a longer network.podPrefixPerNode.${key}`,
        };
      });
    },
  }),
];

import { blockNetworks } from "../../bgp/prefixes";
import type { Stack } from "../../config/schema";

/** A network of the stack, and its place in the stack file. */
export interface NamedNetwork {
  readonly at: string;
  readonly text: string;
}

/** Whether it is a network in which the nodes themselves live, and others may, too. */
export function isNodeNetwork({ at }: NamedNetwork): boolean {
  return at === "network.nodes" || at === "network.secondary.nodes";
}

/** Every network that a stack names: nodes, pods, services, load balancer pools. */
export function networksOf(stack: Stack): readonly NamedNetwork[] {
  const { nodes, secondary, pods, services } = stack.network;
  return [
    { at: "network.nodes", text: nodes },
    ...(secondary === undefined ? [] : [{ at: "network.secondary.nodes", text: secondary.nodes }]),
    ...pods.map((text, i) => ({ at: `network.pods[${i}]`, text })),
    ...services.map((text, i) => ({ at: `network.services[${i}]`, text })),
    ...(stack.bgp?.loadBalancerPools ?? []).flatMap((pool, i) =>
      pool.blocks.flatMap((block, j) =>
        blockNetworks(block).map((text) => ({ at: `bgp.loadBalancerPools[${i}].blocks[${j}]`, text })),
      ),
    ),
  ];
}

import { blockNetworks } from "../../bgp/prefixes";
import type { Stack } from "../../config/schema";

/** A network of the stack, and its place in the stack file. */
export interface NamedNetwork {
  readonly at: string;
  readonly text: string;
}

/** Every network that a stack names: nodes, pods, services, load balancer pools. */
export function networksOf(stack: Stack): readonly NamedNetwork[] {
  const { nodes, pods, services } = stack.network;
  return [
    { at: "network.nodes", text: nodes },
    ...pods.map((text, i) => ({ at: `network.pods[${i}]`, text })),
    ...services.map((text, i) => ({ at: `network.services[${i}]`, text })),
    ...(stack.bgp?.loadBalancerPools ?? []).flatMap((pool, i) =>
      pool.blocks.flatMap((block, j) =>
        blockNetworks(block).map((text) => ({ at: `bgp.loadBalancerPools[${i}].blocks[${j}]`, text })),
      ),
    ),
  ];
}

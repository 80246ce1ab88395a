import { parseCidr } from "../../addresses/range";
import type { Stack } from "../../config/schema";

/** A pod network with each node's share of it. */
export interface PodNetwork {
  readonly at: string;
  readonly text: string;
  readonly key: "ipv4" | "ipv6";
  readonly bits: 32 | 128;
  readonly prefix: number;
  readonly perNode: number;
}

/** The pod networks, with the prefix length of each node's share. */
export function podNetworks({ network }: Stack): readonly PodNetwork[] {
  return network.pods.flatMap((text, i) => {
    const range = parseCidr(text);
    if (range === undefined) return [];
    const key = range.family === 4 ? "ipv4" : "ipv6";
    const bits = range.family === 4 ? 32 : 128;
    const perNode = network.podPrefixPerNode[key];
    return [{ at: `network.pods[${i}]`, text, key, bits, prefix: range.prefix, perNode }];
  });
}

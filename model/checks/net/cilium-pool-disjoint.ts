import { overlaps, parseCidr } from "../../addresses/range";
import { ciliumValues } from "../../cilium/values";
import { field } from "../../kubernetes/object";
import { defineCheck } from "../check";
import { networksOf } from "./networks";

/** Where Cilium takes pod addresses from when it allocates them itself (facts/cilium.md: the same default in all versions). */
const chartDefault = "10.0.0.0/8";

export const ciliumPoolDisjoint = defineCheck({
  id: "net/cilium-pool-disjoint",
  why: "with ipam.mode cluster-pool Cilium gives pods addresses of its own pool, whatever network.pods says, and nodes lose the hosts in it",
  acceptable: false,
  run: (stack) => {
    const ipam = field(ciliumValues(stack), "ipam");
    if (field(ipam, "mode") !== "cluster-pool") return [];
    const own = field(ipam, "operator", "clusterPoolIPv4PodCIDRList");
    const pools: readonly unknown[] = own === undefined ? [chartDefault] : Array.isArray(own) ? own : [own];
    const others = networksOf(stack).filter(({ at }) => !at.startsWith("network.pods"));
    return pools.flatMap((pool) => {
      const range = parseCidr(String(pool));
      if (range === undefined) return [];
      const clash = others.filter(({ text }) => {
        const other = parseCidr(text);
        return other !== undefined && overlaps(range, other);
      });
      if (clash.length === 0) return [];
      return [
        {
          at: "cilium.values.ipam",
          problem: `Cilium's ${own === undefined ? "default " : ""}pool ${range.text} overlaps ${clash.map(({ at, text }) => `${at} ${text}`).join(", ")}`,
          fix: `set operator.clusterPoolIPv4PodCIDRList to [${stack.network.pods.filter((text) => !text.includes(":")).join(", ")}], or leave ipam out`,
        },
      ];
    });
  },
});

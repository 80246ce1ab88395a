import { defineCheck } from "../check";
import { repeated } from "./places";

export const namesUnique = defineCheck({
  id: "bgp/names-unique",
  why: "instances and pools are objects named after them",
  run: ({ bgp }) => {
    const named = (list: string, items: readonly { readonly name: string }[]) =>
      repeated(items.map(({ name }, i) => ({ name, at: `bgp.${list}[${i}].name` })));
    return [
      ...named("instances", bgp?.instances ?? []),
      ...named("loadBalancerPools", bgp?.loadBalancerPools ?? []),
    ].map(({ name, at, first }) => ({
      at,
      problem: `"${name}" is also ${first}`,
      fix: "give each its own name",
    }));
  },
});

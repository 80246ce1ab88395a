import { defineCheck } from "../check";
import { quoted, userValue } from "./user-values";

/** What the BGP step and the wait for its sessions read. */
const needed: readonly (readonly [path: string, wanted: unknown, effect: string])[] = [
  ["bgpControlPlane.enabled", true, "the operator never registers the BGP kinds"],
  ["bgpControlPlane.statusReport.enabled", true, "no node tells whether its sessions are established"],
  [
    "bgpControlPlane.secretsNamespace.name",
    "kube-system",
    "passwords are looked for where none are, and sessions tried without",
  ],
];

export const bgpValuesKept = defineCheck({
  id: "cilium/bgp-values-kept",
  why: "the BGP step waits for what never comes, until the time is over",
  acceptable: false,
  run: (stack) =>
    stack.bgp === undefined
      ? []
      : needed.flatMap(([path, wanted, effect]) => {
          const set = userValue(stack, path);
          // Another type is the business of cilium/values-typed.
          if (typeof set !== typeof wanted || set === wanted) return [];
          return [
            {
              at: `cilium.values.${path}`,
              problem: `with ${quoted(set)} ${effect}`,
              fix: "remove it, or remove bgp from the stack file",
            },
          ];
        }),
});

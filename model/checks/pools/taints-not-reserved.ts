import { defineCheck } from "../check";
import { taintsOf } from "../machine-pools";

/** Keys that a controller sets or waits for; the agent's own taint is meant to be set at registration. */
const reserved: readonly { readonly matches: RegExp; readonly owner: string }[] = [
  { matches: /^node\.kubernetes\.io\//, owner: "the node controller sets and removes it" },
  {
    matches: /^node\.cloudprovider\.kubernetes\.io\//,
    owner: "only a cloud controller removes it, and bare metal has none",
  },
  { matches: /^node\.cluster\.x-k8s\.io\//, owner: "Cluster API sets and removes it" },
  {
    matches: /^node-role\.kubernetes\.io\/(control-plane|master)$/,
    owner: "kubeadm gives it to the control plane",
  },
];

export const taintsNotReserved = defineCheck({
  id: "pools/taints-not-reserved",
  why: "a controller removes the taint again, or none ever does and nothing is scheduled",
  run: (stack) =>
    taintsOf(stack).flatMap(({ taint: { key }, at }) => {
      const match = reserved.find(({ matches }) => matches.test(key));
      if (match === undefined) return [];
      return [
        {
          at: `${at}.key`,
          problem: `"${key}" is not yours to set: ${match.owner}`,
          fix: "use a key of your own domain, such as example.com/dedicated",
        },
      ];
    }),
});

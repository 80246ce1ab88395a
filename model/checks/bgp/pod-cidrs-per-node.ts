import { text } from "../../kubernetes/object";
import { defineCheck } from "../check";
import { peersOf } from "./places";

export const podCidrsPerNode = defineCheck({
  id: "bgp/pod-cidrs-per-node",
  why: "Cilium announces pod networks only where each node has one share of them",
  run: ({ bgp, cilium }) => {
    const mode = text(cilium.values, "ipam", "mode") ?? "kubernetes";
    if (mode === "kubernetes" || mode === "cluster-pool") return [];
    return peersOf(bgp)
      .filter(({ peer }) => peer.advertise.podCIDRs)
      .map(({ at }) => ({
        at: `${at}.advertise.podCIDRs`,
        problem: `with ipam.mode ${mode} nodes have no pod network of their own to announce`,
        fix: "remove ipam.mode from cilium.values, or write podCIDRs: false",
      }));
  },
});

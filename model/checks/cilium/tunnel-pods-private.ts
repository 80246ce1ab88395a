import { defineCheck } from "../check";

export const tunnelPodsPrivate = defineCheck({
  id: "cilium/tunnel-pods-private",
  why: "answers to what a router sends straight to a pod are masqueraded or go another way, and stateful firewalls drop them",
  severity: "warning",
  run: ({ cilium, bgp }) =>
    cilium.routingMode !== "tunnel"
      ? []
      : (bgp?.instances ?? []).flatMap(({ peers }, i) =>
          peers.flatMap(({ advertise }, j) =>
            advertise.podCIDRs
              ? [
                  {
                    at: `bgp.instances[${i}].peers[${j}].advertise.podCIDRs`,
                    problem:
                      "with routingMode tunnel pods are reached through nodes, not by their own addresses",
                    fix: "write podCIDRs: false, or routingMode: native",
                  },
                ]
              : [],
          ),
        ),
});

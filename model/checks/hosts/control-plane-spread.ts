import { hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const controlPlaneSpread = defineCheck({
  id: "hosts/control-plane-spread",
  severity: "warning",
  why: "when the room or rack with most etcd members loses power, the whole cluster stands still",
  run: (stack) => {
    const named = hostsOf(stack, controlPlanePool).flatMap(({ failureDomain }) => failureDomain ?? []);
    const all = new Set(stack.hosts.flatMap(({ failureDomain }) => failureDomain ?? []));
    const used = new Set(named);
    const members = stack.controlPlane.replicas;
    const crowded = [...used].find((domain) => named.filter((each) => each === domain).length > members / 2);
    // With two domains one of them always holds the majority.
    const avoidable = used.size === 1 || all.size > 2;
    if (members < 3 || crowded === undefined || !avoidable) return [];
    return [
      {
        at: "hosts",
        problem: `${crowded} holds ${named.filter((each) => each === crowded).length} of ${named.length} control plane hosts`,
        fix: "take control plane hosts from three failure domains, or at least two",
      },
    ];
  },
});

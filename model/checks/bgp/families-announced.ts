import { familyOf } from "../../bgp/family";
import { sessionsOf } from "../../bgp/sessions";
import { defineCheck } from "../check";

export const familiesAnnounced = defineCheck({
  id: "bgp/families-announced",
  severity: "warning",
  why: "pods of a family that no session carries are reachable from nowhere outside the cluster",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    return bgp.instances.flatMap((instance, i) => {
      const carried = sessionsOf(bgp)
        .filter((session) => session.instance === instance && session.peer.advertise.podCIDRs)
        .map(({ family }) => family);
      if (carried.length === 0) return [];
      return stack.network.pods
        .filter((pods) => !carried.includes(familyOf(pods)))
        .map((pods) => ({
          at: `bgp.instances[${i}].peers`,
          problem: `no session of instance ${instance.name} carries ${familyOf(pods)}, so ${pods} is not announced`,
          fix: `give a router an ${familyOf(pods)} address`,
        }));
    });
  },
});

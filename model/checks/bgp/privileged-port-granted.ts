import { list } from "../../kubernetes/object";
import { defineCheck } from "../check";

export const privilegedPortGranted = defineCheck({
  id: "bgp/privileged-port-granted",
  why: "the agent may not listen below 1024 without the capability, and its BGP instance does not start",
  run: ({ bgp, cilium }) => {
    const granted = list(cilium.values, "securityContext", "capabilities", "ciliumAgent");
    if (granted.includes("NET_BIND_SERVICE")) return [];
    return [
      ...(bgp?.instances ?? []).map(({ localPort }, i) => ({
        localPort,
        at: `bgp.instances[${i}].localPort`,
      })),
      ...(bgp?.nodeOverrides ?? []).map(({ localPort }, i) => ({
        localPort,
        at: `bgp.nodeOverrides[${i}].localPort`,
      })),
    ]
      .filter(({ localPort }) => localPort !== undefined && localPort < 1024)
      .map(({ localPort, at }) => ({
        at,
        problem: `port ${localPort ?? ""} needs the capability NET_BIND_SERVICE, which Cilium's agent does not have`,
        fix: "write a port from 1024, such as 1790, or add NET_BIND_SERVICE to cilium.values securityContext.capabilities.ciliumAgent",
      }));
  },
});

import { defineCheck } from "../check";
import { isOn, userValue } from "./user-values";

export const oneAnnouncement = defineCheck({
  id: "cilium/one-announcement",
  why: "one node answers ARP for an address that the routers send to all nodes, and who comes from where decides which one it is",
  severity: "warning",
  run: (stack) =>
    stack.bgp !== undefined && isOn(userValue(stack, "l2announcements.enabled"))
      ? [
          {
            at: "cilium.values.l2announcements.enabled",
            problem: "service addresses are announced by ARP as well as by BGP",
            fix: "remove it, or limit its policies to services that no BGP peer advertises",
          },
        ]
      : [],
});

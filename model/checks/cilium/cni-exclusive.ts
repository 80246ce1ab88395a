import { defineCheck } from "../check";
import { userValue } from "./user-values";

export const cniExclusive = defineCheck({
  id: "cilium/cni-exclusive",
  why: "a configuration that the image brought along may come first by name, and pods get a network that nobody else has",
  severity: "warning",
  run: (stack) =>
    userValue(stack, "cni.exclusive") === false
      ? [
          {
            at: "cilium.values.cni.exclusive",
            problem: "false leaves other network plugins' configurations in /etc/cni/net.d",
            fix: "remove it, except for a meta plugin such as Multus",
          },
        ]
      : [],
});

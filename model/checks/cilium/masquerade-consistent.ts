import { defineCheck } from "../check";
import { isOn, userValue, value } from "./user-values";

/** Combinations that the agent refuses at start (cilium 1.19, daemon/cmd/daemon.go). */
export const masqueradeConsistent = defineCheck({
  id: "cilium/masquerade-consistent",
  why: "the agent ends at once with a message, on every node",
  acceptable: false,
  run: (stack) => {
    const bpf = isOn(userValue(stack, "bpf.masquerade"));
    const off = ["enableIPv4Masquerade", "enableIPv6Masquerade"].every(
      (path) => value(stack, path) === false,
    );
    const agent = isOn(userValue(stack, "ipMasqAgent.enabled"));
    return [
      ...(bpf && off
        ? [
            {
              at: "cilium.values.bpf.masquerade",
              problem: "masquerading is switched off for both families",
              fix: "remove it, or enableIPv4Masquerade: false",
            },
          ]
        : []),
      ...(bpf && isOn(value(stack, "enableMasqueradeRouteSource"))
        ? [
            {
              at: "cilium.values.enableMasqueradeRouteSource",
              problem: "bpf.masquerade cannot take the source of the route",
              fix: "remove one of the two",
            },
          ]
        : []),
      ...(agent && !bpf
        ? [
            {
              at: "cilium.values.ipMasqAgent.enabled",
              problem: "the masquerading agent needs bpf.masquerade",
              fix: "write bpf.masquerade: true, or remove it",
            },
          ]
        : []),
    ];
  },
});

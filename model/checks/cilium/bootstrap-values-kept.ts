import { defineCheck } from "../check";
import { quoted, userValue } from "./user-values";

/** Values that break a bootstrap, and what each would do (facts/cilium-bgp-lab.md 1b). */
const breaking: readonly (readonly [path: string, value: unknown, effect: string])[] = [
  ["agent", false, "no agent runs, and no node becomes ready"],
  ["operator.enabled", false, "nobody registers Cilium's kinds, and the agents wait for them for ever"],
  ["operator.hostNetwork", false, "the operator waits for the network that it brings"],
  [
    "operator.skipCRDCreation",
    true,
    "nobody registers Cilium's kinds, and the agents wait for them for ever",
  ],
  ["operator.removeNodeTaints", false, "the taint of a fresh node stays, and nothing is scheduled"],
  ["operator.setNodeNetworkStatus", false, "nodes stay without a network for the scheduler"],
  ["cni.install", false, "the kubelet finds no network plugin, and no node becomes ready"],
  ["cni.customConf", true, "nobody writes the plugin's configuration, and no node becomes ready"],
  ["identityAllocationMode", "kvstore", "the agents wait for an etcd that is not there"],
];

export const bootstrapValuesKept = defineCheck({
  id: "cilium/bootstrap-values-kept",
  why: "the cluster cannot come up, and waits until the time is over",
  acceptable: false,
  run: (stack) =>
    breaking.flatMap(([path, value, effect]) =>
      userValue(stack, path) !== value
        ? []
        : [{ at: `cilium.values.${path}`, problem: `with ${quoted(value)} ${effect}`, fix: "remove it" }],
    ),
});

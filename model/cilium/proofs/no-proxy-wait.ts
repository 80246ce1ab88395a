import { list, text } from "../../kubernetes/object";
import { agent, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const noProxyWait = defineProof({
  id: "render/no-proxy-wait",
  why: "the agent would wait for ever for the rules of a kube-proxy that is not installed",
  run: (render, plan) =>
    workloadsOf(render, [agent])
      .filter(({ pod }) =>
        list(pod, "initContainers").some((each) => text(each, "name") === "wait-for-kube-proxy"),
      )
      .filter(() => plan.kubeProxyReplacement)
      .map(({ place }) => ({
        key: "waitForKubeProxy",
        problem: `${place} has the init container wait-for-kube-proxy, and kubeadm installs no kube-proxy`,
        fix: "remove waitForKubeProxy from cilium.values",
      })),
});

import { list, text } from "../../kubernetes/object";
import { agent, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const cniBinariesInstalled = defineProof({
  id: "render/cni-binaries-installed",
  why: "the container runtime calls a CNI program that nobody has put onto the disk",
  run: (render) =>
    workloadsOf(render, [agent])
      .filter(
        ({ pod }) =>
          !list(pod, "initContainers").some((each) => text(each, "name") === "install-cni-binaries"),
      )
      .map(({ place }) => ({
        key: "cni.install",
        problem: `${place} has no init container install-cni-binaries`,
        fix: "remove cni.install from cilium.values",
      })),
});

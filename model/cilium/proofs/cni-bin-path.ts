import { list, text } from "../../kubernetes/object";
import { agent, quoted, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const cniBinPath = defineProof({
  id: "render/cni-bin-path",
  why: "the container runtime looks for CNI programs in one folder of the image; elsewhere it does not find them",
  run: (render, { cniBinaryPath }) =>
    workloadsOf(render, [agent]).flatMap(({ place, pod }) => {
      const volume = list(pod, "volumes").find((each) => text(each, "name") === "cni-path");
      const found = text(volume, "hostPath", "path");
      if (found === cniBinaryPath) return [];
      return [
        {
          key: "cni.binPath",
          problem: `${place} puts the CNI programs into ${quoted(found)}, the image looks in "${cniBinaryPath}"`,
          fix: "remove cni.binPath from cilium.values, and set image.cniBinaryPath",
        },
      ];
    }),
});

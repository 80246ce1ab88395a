import { list, text } from "../../kubernetes/object";
import { agent, quoted, workloadsOf } from "./anatomy";
import { configValue, onConfiguration } from "./configuration";
import { type Proof, defineProof } from "./proof";

/** Proofs of the CNI plugin and its configuration. */
export const cniProofs: readonly Proof[] = [
  defineProof({
    id: "render/cni-written",
    summary: "The agent writes the CNI configuration.",
    why: "without a CNI configuration on its disk a node never becomes ready",
    run: onConfiguration((config) => {
      const [file, custom] = [config["write-cni-conf-when-ready"], config["custom-cni-conf"]];
      return [
        typeof file === "string" && file !== ""
          ? []
          : {
              key: "cni.install",
              problem: `cilium-config: write-cni-conf-when-ready is ${quoted(file)}, so no CNI configuration is written`,
              fix: "remove cni.install and cni.customConf from cilium.values",
            },
        custom === "true"
          ? {
              key: "cni.customConf",
              problem:
                'cilium-config: custom-cni-conf is "true", so Cilium expects a CNI configuration of your own',
              fix: "remove cni.customConf from cilium.values",
            }
          : [],
      ];
    }),
  }),
  defineProof({
    id: "render/cni-binaries-installed",
    summary: "The agent installs the CNI plugin.",
    why: "the container runtime would call a CNI plugin that is not on the disk",
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
  }),
  defineProof({
    id: "render/cni-bin-path",
    summary: "The CNI plugin is installed into the folder of the image's container runtime.",
    why: "the container runtime looks for CNI plugins in one folder of the image and finds them nowhere else",
    run: (render, { cniBinaryPath }) =>
      workloadsOf(render, [agent]).flatMap(({ place, pod }) => {
        const volume = list(pod, "volumes").find((each) => text(each, "name") === "cni-path");
        const found = text(volume, "hostPath", "path");
        if (found === cniBinaryPath) return [];
        return {
          key: "cni.binPath",
          problem: `${place} installs the CNI plugins into ${quoted(found)}, the image's container runtime looks in "${cniBinaryPath}"`,
          fix: "remove cni.binPath from cilium.values, and set image.cniBinaryPath",
        };
      }),
  }),
  configValue({
    id: "render/cni-exclusive",
    summary: "Cilium disables other CNI configurations.",
    why: "the image's own CNI configuration would remain, and the runtime uses the first one by name",
    setting: "cni-exclusive",
    given: { setting: "write-cni-conf-when-ready" },
    wanted: () => "true",
    key: "cni.exclusive",
  }),
];

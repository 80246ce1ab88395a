import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const cniWritten = defineProof({
  id: "render/cni-written",
  why: "without a CNI configuration on its disk a node never becomes ready",
  run: (render) => {
    const config = configOf(render);
    if (config === undefined) return [];
    const [file, custom] = [config["write-cni-conf-when-ready"], config["custom-cni-conf"]];
    return [
      ...(typeof file === "string" && file !== ""
        ? []
        : [
            {
              key: "cni.install",
              problem: `cilium-config: write-cni-conf-when-ready is ${quoted(file)}, so no CNI configuration is written`,
              fix: "remove cni.install and cni.customConf from cilium.values",
            },
          ]),
      ...(custom === "true"
        ? [
            {
              key: "cni.customConf",
              problem:
                'cilium-config: custom-cni-conf is "true", so a CNI configuration of yours is expected',
              fix: "remove cni.customConf from cilium.values",
            },
          ]
        : []),
    ];
  },
});

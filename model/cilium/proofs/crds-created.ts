import { configOf } from "./anatomy";
import { defineProof } from "./proof";

export const crdsCreated = defineProof({
  id: "render/crds-created",
  why: "the agents wait for CRDs that only the operator creates",
  run: (render) =>
    ["", "false", undefined].includes(configOf(render)?.["skip-crd-creation"] as string | undefined)
      ? []
      : [
          {
            key: "operator.skipCRDCreation",
            problem: "cilium-config: skip-crd-creation is set, and the agents wait for the CRDs for ever",
            fix: "remove operator.skipCRDCreation from cilium.values",
          },
        ],
});

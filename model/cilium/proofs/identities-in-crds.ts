import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const identitiesInCrds = defineProof({
  id: "render/identities-in-crds",
  why: "every other place for identities is an etcd that must exist before the cluster does",
  run: (render) => {
    const config = configOf(render);
    if (config === undefined) return [];
    const mode = config["identity-allocation-mode"];
    const store = config["kvstore"];
    if (mode === "crd" && store === undefined) return [];
    return [
      {
        key: "identityAllocationMode",
        problem: `cilium-config: identity-allocation-mode is ${quoted(mode)}, kvstore is ${quoted(store)}`,
        fix: "remove identityAllocationMode and etcd from cilium.values",
      },
    ];
  },
});

import { field, list, text } from "../../kubernetes/object";
import { agent, envoy, objectOf, operator, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const referencesPresent = defineProof({
  id: "render/references-present",
  why: "a pod whose ConfigMap or service account is not there is never started",
  run: (render) =>
    workloadsOf(render, [agent, operator, envoy]).flatMap(({ place, pod }) =>
      wantedBy(pod)
        .filter(({ kind, name }) => objectOf(render, kind, name) === undefined)
        .map(({ kind, name }) => ({
          problem: `${place} needs the ${kind} ${name}, which the render does not hold`,
          fix: "remove what switches it off or renames it from cilium.values (serviceAccounts, extraVolumes)",
        })),
    ),
});

function wantedBy(pod: unknown): readonly { readonly kind: string; readonly name: string }[] {
  const account = text(pod, "serviceAccountName");
  const maps = list(pod, "volumes").flatMap((volume) => {
    const name = text(volume, "configMap", "name");
    return name === undefined || field(volume, "configMap", "optional") === true ? [] : [name];
  });
  return [
    ...(account === undefined ? [] : [{ kind: "ServiceAccount", name: account }]),
    ...maps.filter((name) => name !== "cilium-config").map((name) => ({ kind: "ConfigMap", name })),
  ];
}

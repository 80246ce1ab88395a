import { field, list, text } from "../../kubernetes/object";
import { workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const secretsNotRequired = defineProof({
  id: "render/secrets-not-required",
  why: "a pod waits in ContainerCreating for a Secret that nobody creates before the cluster is ready",
  run: (render) => {
    const rendered = [...render.objects, ...(render.secrets?.objects ?? [])]
      .filter(({ kind }) => kind === "Secret")
      .map(({ metadata }) => metadata.name);
    return workloadsOf(render).flatMap(({ place, pod }) =>
      list(pod, "volumes").flatMap((volume) => {
        const secret = text(volume, "secret", "secretName");
        const free = field(volume, "secret", "optional") === true;
        if (secret === undefined || free || rendered.includes(secret)) return [];
        return [
          {
            key: secret === "cilium-ipsec-keys" ? "encryption.type" : "extraVolumes",
            problem: `${place} mounts the Secret ${secret}, which must exist before the first node is up`,
            fix: "remove it from cilium.values (for encryption write type: wireguard, which needs no key), or mark it optional",
          },
        ];
      }),
    );
  },
});

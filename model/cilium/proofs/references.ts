import { field, list, text } from "../../kubernetes/object";
import { agent, envoy, objectOf, operator, workloadsOf } from "./anatomy";
import { type Proof, defineProof } from "./proof";

/** Proofs that everything that Cilium's pods refer to exists. */
export const referenceProofs: readonly Proof[] = [
  defineProof({
    id: "render/references-present",
    summary: "The ConfigMaps and service accounts of Cilium's pods are in the render.",
    why: "a pod whose ConfigMap or service account does not exist never starts",
    run: (render) =>
      workloadsOf(render, [agent, operator, envoy]).flatMap(({ place, pod }) =>
        wantedBy(pod)
          .filter(({ kind, name }) => objectOf(render, kind, name) === undefined)
          .map(({ kind, name }) => ({
            problem: `${place} needs the ${kind} ${name}, which is not in the render`,
            fix: "remove the value that disables or renames it from cilium.values (serviceAccounts, extraVolumes)",
          })),
      ),
  }),
  defineProof({
    id: "render/secrets-not-required",
    summary: "Cilium's pods mount no Secret that does not exist yet.",
    why: "a pod waits in ContainerCreating for a Secret that is created only after the cluster is ready",
    run: (render) => {
      const rendered = [...render.objects, ...(render.secrets?.objects ?? [])]
        .filter(({ kind }) => kind === "Secret")
        .map(({ metadata }) => metadata.name);
      return workloadsOf(render).flatMap(({ place, pod }) =>
        list(pod, "volumes").flatMap((volume) => {
          const secret = text(volume, "secret", "secretName");
          const free = field(volume, "secret", "optional") === true;
          if (secret === undefined || free || rendered.includes(secret)) return [];
          return {
            key: secret === "cilium-ipsec-keys" ? "encryption.type" : "extraVolumes",
            problem: `${place} mounts the Secret ${secret}, which would have to exist before the first node is ready`,
            fix: "remove it from cilium.values (for encryption write type: wireguard, which needs no key), or mark it optional",
          };
        }),
      );
    },
  }),
  defineProof({
    id: "render/accounts-bound",
    summary: "The service accounts of the agent and its operator have a role.",
    why: "without a role in the cluster the API server refuses every request of the agent and its operator",
    run: (render) => {
      const bound = render.objects
        .filter(
          (object) =>
            object.kind === "ClusterRoleBinding" &&
            objectOf(render, "ClusterRole", text(object, "roleRef", "name") ?? "") !== undefined,
        )
        .flatMap((object) => list(object, "subjects"))
        .filter((subject) => text(subject, "kind") === "ServiceAccount")
        .map((subject) => text(subject, "name"));
      return workloadsOf(render, [agent, operator]).flatMap(({ place, pod }) => {
        const account = text(pod, "serviceAccountName") ?? "default";
        if (bound.includes(account)) return [];
        return {
          problem: `${place}: no ClusterRoleBinding binds its service account ${account} to a rendered ClusterRole`,
          fix: "remove rbac.create and renamed service accounts from cilium.values",
        };
      });
    },
  }),
];

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

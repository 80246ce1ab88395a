import { list, text, type KubernetesObject } from "../../../model/kubernetes/object";

/** An owner reference with which the owner's deletion takes the object along. */
export function ownerReference(owner: KubernetesObject) {
  const { name, uid } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid: uid ?? "", controller: true };
}

/** The name of the owner of this kind, if there is one. */
export function ownerOf(object: KubernetesObject | undefined, kind: string): string | undefined {
  const owner = list(object, "metadata", "ownerReferences").find((entry) => text(entry, "kind") === kind);
  return text(owner, "name");
}

import { list, text, type KubernetesObject } from "../../../model/kubernetes/object";

/** An owner reference of a controller: with its owner the object goes, too. */
export function ownerReference(owner: KubernetesObject) {
  return { ...plainOwnerReference(owner), controller: true };
}

/** An owner reference without controller and blockOwnerDeletion, as Metal3 sets most of its own; an object may have several. */
export function plainOwnerReference(owner: KubernetesObject) {
  const { name, uid } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid: uid ?? "" };
}

/** The name of the owner of this kind, if there is one. */
export function ownerOf(object: KubernetesObject | undefined, kind: string): string | undefined {
  const owner = list(object, "metadata", "ownerReferences").find((entry) => text(entry, "kind") === kind);
  return text(owner, "name");
}

/** Whether an object is owned by this very object, and not by one of the same name before it. */
export function isOwnedBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  return list(object, "metadata", "ownerReferences").some(
    (entry) => text(entry, "uid") === owner.metadata.uid,
  );
}

import type { KubernetesObject } from "../../model/kubernetes/object";

/** Without the field managers, which are bulk; a Secret without its content, however it was read. */
export function slim(object: KubernetesObject): KubernetesObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => key !== "managedFields"),
  ) as unknown as KubernetesObject["metadata"];
  const { apiVersion, kind } = object;
  if (kind === "Secret") return { apiVersion, kind, metadata };
  if (kind === "CustomResourceDefinition") return { apiVersion, kind, metadata, status: object["status"] };
  return { ...object, metadata };
}

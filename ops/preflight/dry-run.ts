import { type KubernetesObject, type ResourceType, resourcePath } from "../../model/kubernetes/object";
import { ApiError, type KubernetesApi } from "../kubernetes/api";

/**
 * Sends an object as a strict server-side dry run: schema, unknown fields, webhooks. Returns the API server's refusal.
 * For an object that exists it is a merge patch, not an apply: under another field manager than Pulumi's, list entries
 * that change would be kept beside the new ones and be refused as duplicates.
 */
export async function dryRun(
  api: KubernetesApi,
  type: ResourceType,
  object: KubernetesObject,
  exists: boolean,
): Promise<string | undefined> {
  const { name, namespace } = object.metadata;
  const query = { dryRun: "All", fieldValidation: "Strict" };
  try {
    if (exists) {
      await api.request("PATCH", resourcePath(type, namespace, name), {
        body: object,
        query,
        contentType: "application/merge-patch+json",
      });
    } else {
      await api.request("POST", resourcePath(type, namespace), { body: object, query });
    }
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return error.message;
    throw error;
  }
}

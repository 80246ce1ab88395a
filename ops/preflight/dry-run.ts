import { type KubernetesObject, type ResourceType, resourcePath } from "../../model/kubernetes/object";
import type { DryRunAnswer } from "../../model/live/preflight/objects";
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
): Promise<Omit<DryRunAnswer, "planned">> {
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
    return {};
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // RBAC's words; an admission plugin that refuses with 403 has others.
    if (error.status === 403 && /\bcannot (create|patch) resource\b/.test(error.message))
      return { undecided: "not permitted, and a dry run needs the verbs create and patch" };
    // A webhook that does not answer is a 500 that stays; other trouble of the server passes.
    const stays = error.status < 500 && error.status !== 429;
    if (stays || error.message.includes("failed calling webhook")) return { refusal: error.message };
    return { undecided: `the API server answered ${error.status}: ${error.message}` };
  }
}

import type { PlannedAndLive } from "../../../model/live/differences";
import { type KubernetesObject, type ResourceType, resourcePath } from "../../../model/kubernetes/object";
import { type CheckResult, withUnknowns } from "../../../model/live/preflight/check-result";
import {
  type DryRunAnswer,
  judgeDryRuns,
  judgeFieldManagers,
  judgeOwnership,
  judgeStaying,
} from "../../../model/live/preflight/objects";
import { fieldsOfMetal3 } from "../../../model/plan/manifests/hosts";
import { type KubernetesApi, ApiError } from "../../kubernetes/api";
import { definePreflight } from "../check";
import type { PlannedWithLive } from "../management";
import { kindOf } from "../../live/planned";

const access = ["management/kinds-served", "management/namespace-exists", "management/permitted"];

/** Every planned object against what is there. */
export const objectChecks = [
  definePreflight({
    id: "management/objects-ours",
    summary: "No object of the stack belongs to anyone else.",
    why: "the provider adopts existing objects, so another owner's object would be overwritten",
    after: access,
    run: async ({ management }) => judgeKnown(await management.objects(), judgeOwnership),
  }),
  definePreflight({
    id: "management/objects-staying",
    summary: "No object of the stack is being deleted.",
    why: "an update of an object that is being deleted is lost with it",
    after: access,
    run: async ({ management }) => judgeKnown(await management.objects(), judgeStaying),
  }),
  definePreflight({
    id: "management/fields-uncontested",
    summary: "No other field manager owns fields of the stack's objects.",
    why: "Pulumi's preview does not show a conflict with another field manager, and the update fails on it",
    after: [...access, "management/objects-ours"],
    run: async ({ management }) =>
      judgeKnown(await management.objects(), (known) => judgeFieldManagers(known, fieldsOfMetal3)),
  }),
  definePreflight({
    id: "management/objects-accepted",
    summary: "The management cluster accepts every object in a strict dry run.",
    why: "an unknown field is silently dropped on create and breaks every later update",
    timeoutSeconds: 60,
    // What is refused there is refused here as well, in the words of a webhook.
    after: [...access, "rollout/version-one-minor", "rollout/fixed-fields-kept"],
    run: async ({ management, rendered }) => {
      const [api, served, { known, unlisted }, { render }] = await Promise.all([
        management.api(),
        management.served(),
        management.objects(),
        rendered,
      ]);
      const answers = await Promise.all(
        known.map(async ({ planned, live }): Promise<readonly DryRunAnswer[]> => {
          const type = served.get(kindOf(planned));
          if (type === undefined || (planned.kind === "ConfigMap" && render === undefined)) return [];
          return [{ planned, ...(await dryRun(api, type, planned, live !== undefined)) }];
        }),
      );
      return withUnknowns(judgeDryRuns(answers.flat()), unlisted);
    },
  }),
];

function judgeKnown(
  { known, unlisted }: PlannedWithLive,
  judge: (known: readonly PlannedAndLive[]) => CheckResult,
): CheckResult {
  return withUnknowns(judge(known), unlisted);
}

/**
 * Sends an object as a strict server-side dry run: schema, unknown fields, webhooks. Returns the API server's refusal.
 * For an object that exists it is a merge patch, not an apply: under another field manager than Pulumi's, list entries
 * that change would be kept next to the new ones and be refused as duplicates.
 */
async function dryRun(
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
    // RBAC's message; an admission plugin that refuses with 403 has a different one.
    if (error.status === 403 && /\bcannot (create|patch) resource\b/.test(error.message))
      return { undecided: "not permitted, and a dry run needs the verbs create and patch" };
    // A webhook that does not answer is a persistent 500; other server errors are temporary.
    const isPersistent = error.status < 500 && error.status !== 429;
    if (isPersistent || error.message.includes("failed calling webhook")) return { refusal: error.message };
    return { undecided: `the API server answered ${error.status}: ${error.message}` };
  }
}

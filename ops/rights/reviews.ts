import { field, list, text } from "../../model/kubernetes/object";
import { type Need, grants, groupOf } from "../../model/live/preflight/permissions";
import type { KubernetesApi } from "../kubernetes/api";

const reviews = "/apis/authorization.k8s.io/v1";

/** Which of these needs in one namespace the client's user does not have. One review for all rules, then one for each doubt. */
export async function deniedOf(
  api: KubernetesApi,
  namespace: string,
  needs: readonly Need[],
): Promise<readonly Need[]> {
  const rules = await rulesOf(api, namespace);
  const doubtful = needs.filter((need) => !grants(rules, need));
  const answers = await Promise.all(
    doubtful.map(async (need) => ((await isPermitted(api, namespace, need)) ? [] : [need])),
  );
  return answers.flat();
}

/** Whether the client's user has this right in a namespace. */
export async function isPermitted(
  api: KubernetesApi,
  namespace: string,
  { type, verb }: Need,
): Promise<boolean> {
  const resourceAttributes = { namespace, group: groupOf(type), resource: type.plural, verb };
  const review = await api.request("POST", `${reviews}/selfsubjectaccessreviews`, {
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    },
  });
  return field(review, "status", "allowed") === true;
}

async function rulesOf(api: KubernetesApi, namespace: string): Promise<readonly unknown[]> {
  const review = await api.request("POST", `${reviews}/selfsubjectrulesreviews`, {
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
  });
  // An authorizer that lists no rules may still forbid.
  const complete =
    field(review, "status", "incomplete") !== true && text(review, "status", "evaluationError") === undefined;
  return complete ? list(review, "status", "resourceRules") : [];
}

import dns from "node:dns/promises";
import { judged, unknown } from "../../../model/preflight/judgement";
import { judgeKinds, judgeNamespace } from "../../../model/preflight/kinds";
import { type Need, grants, judgePermissions, needsOf } from "../../../model/preflight/permissions";
import { judgeNotWorkload } from "../../../model/preflight/reach";
import { field, list, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { KubernetesApi } from "../../kubernetes/api";
import { type Site, definePreflight } from "../check";
import { kindOf } from "../management";

const reviews = "/apis/authorization.k8s.io/v1";

/** The management cluster itself: it answers, it is the right one, it has what we need, and lets us. */
export const managementChecks = [
  definePreflight({
    id: "management/reachable",
    why: "Pulumi's preview is green when nobody answers, and the update then fails on its first object",
    timeoutSeconds: 6,
    run: async ({ management, plan, offline }) => {
      try {
        const { server } = (await management.api()).connection;
        return judged(`${server} answers, Kubernetes ${management.gitVersion}`);
      } catch (error) {
        const { message } = error as Error;
        if (offline) return unknown(message);
        const { context } = plan.management;
        const fix = `see that kubectl --context ${context} get namespaces answers, or correct management.context and management.kubeconfig`;
        return judged("", [{ at: "management.context", problem: message, fix }]);
      }
    },
  }),
  definePreflight({
    id: "management/not-workload",
    why: "a cluster that manages itself cannot be made from nothing, and its loss takes all knowledge of its hosts along",
    run: async ({ stack, management }) => {
      const { server } = (await management.api()).connection;
      const url = new URL(server);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      const found = await dns.lookup(host, { all: true }).catch(() => []);
      const addresses = [host, ...found.map(({ address }) => address)];
      const port = Number(url.port === "" ? (url.protocol === "http:" ? 80 : 443) : url.port);
      return judgeNotWorkload(stack, { url: server, addresses, port });
    },
  }),
  definePreflight({
    id: "management/namespace-exists",
    why: "Pulumi's preview is green without it, and the update retries for a minute and fails",
    run: async ({ plan, management }) =>
      judgeNamespace(await management.namespace(), {
        namespace: plan.namespace,
        context: plan.management.context,
      }),
  }),
  definePreflight({
    id: "management/kinds-served",
    why: "Pulumi's preview is green for a kind that is not there, and the update retries for a minute and fails",
    run: async ({ management }) => {
      const [served, planned] = await Promise.all([management.served(), management.planned()]);
      const wanted = new Set([...planned, ...management.followed].map(kindOf));
      return judgeKinds([...wanted], new Set(served.keys()));
    },
  }),
  definePreflight({
    id: "management/permitted",
    why: "a forbidden verb stops the update halfway, and a forbidden watch lets it wait for nothing",
    after: ["management/kinds-served"],
    run: async (site) => {
      const { plan } = site;
      const needs = await needsHere(site);
      const denied = await deniedOf(await site.management.api(), plan.namespace, needs);
      return judgePermissions(needs, denied, { namespace: plan.namespace, context: plan.management.context });
    },
  }),
];

async function needsHere({ management }: Site): Promise<readonly Need[]> {
  const [served, planned] = await Promise.all([management.served(), management.planned()]);
  const owned = new Set(planned.map(kindOf));
  const removed = served.get(kindOf(resources.Metal3Remediation));
  return [
    ...needsOf(
      [...owned].flatMap((kind) => served.get(kind) ?? []),
      management.followed.filter((type) => served.has(kindOf(type))),
    ),
    // What recover and the end of a destroy remove where a remediation has left it.
    ...(removed === undefined ? [] : ["list", "patch", "delete"].map((verb) => ({ type: removed, verb }))),
  ];
}

/** One question for all rules; what they do not surely grant is asked verb by verb. */
async function deniedOf(
  api: KubernetesApi,
  namespace: string,
  needs: readonly Need[],
): Promise<readonly Need[]> {
  const rules = await rulesOf(api, namespace);
  const doubtful = needs.filter((need) => !grants(rules, need));
  const answers = await Promise.all(
    doubtful.map(async (need) => ((await isAllowed(api, namespace, need)) ? [] : [need])),
  );
  return answers.flat();
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

async function isAllowed(api: KubernetesApi, namespace: string, { type, verb }: Need): Promise<boolean> {
  const [group = ""] = type.apiVersion.includes("/") ? type.apiVersion.split("/") : [""];
  const resourceAttributes = { namespace, group, resource: type.plural, verb };
  const review = await api.request("POST", `${reviews}/selfsubjectaccessreviews`, {
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    },
  });
  return field(review, "status", "allowed") === true;
}

import dns from "node:dns/promises";
import { judged, unknown } from "../../../model/live/preflight/check-result";
import { judgeKinds, judgeNamespace } from "../../../model/live/preflight/kinds";
import { type Need, judgePermissions } from "../../../model/live/preflight/permissions";
import { judgeNotWorkload } from "../../../model/live/preflight/reach";
import { deniedOf, managementRights } from "../../rights/stack-rights";
import { type PreflightContext, definePreflight } from "../check";
import { kindOf } from "../../live/planned";

/** The management cluster itself: it answers, it is the right one, it has what we need, and lets us. */
export const managementChecks = [
  definePreflight({
    id: "management/reachable",
    summary: "The management cluster is reachable.",
    why: "Pulumi's preview succeeds without the cluster, and the update then fails on its first object",
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
    summary: "The management cluster is not the cluster of this stack.",
    why: "a cluster that manages itself cannot be created from nothing, and its loss includes all records of its hosts",
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
    summary: "The stack's namespace exists.",
    why: "Pulumi's preview succeeds without it, and the update retries for a minute and fails",
    run: async ({ plan, management }) =>
      judgeNamespace(await management.namespace(), {
        namespace: plan.namespace,
        context: plan.management.context,
      }),
  }),
  definePreflight({
    id: "management/kinds-served",
    summary: "The management cluster serves all kinds of the stack.",
    why: "Pulumi's preview succeeds with a kind that does not exist, and the update retries for a minute and fails",
    run: async ({ management }) => {
      const [served, planned] = await Promise.all([management.served(), management.planned()]);
      const wanted = new Set([...planned, ...management.followed].map(kindOf));
      return judgeKinds([...wanted], new Set(served.keys()));
    },
  }),
  definePreflight({
    id: "management/permitted",
    summary: "The user may do everything that the update requires.",
    why: "a forbidden verb stops the update halfway, and a forbidden watch makes it wait in vain",
    after: ["management/kinds-served"],
    run: async (context) => {
      const { plan, preview } = context;
      const { namespace } = plan;
      const needs = await needsHere(context);
      const denied = await deniedOf(await context.management.api(), namespace, needs);
      return judgePermissions(needs, denied, { namespace, context: plan.management.context, preview });
    },
  }),
];

/** Of the rights of an update those on kinds that are served; missing kinds are another check's finding. */
async function needsHere({ plan, management }: PreflightContext): Promise<readonly Need[]> {
  const served = await management.served();
  return managementRights(plan).run.filter(({ type }) => served.has(kindOf(type)));
}

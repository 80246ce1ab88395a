import { isOwnFile } from "../stack/project-paths";
import { type Check, defineCheck } from "./check";

/** Namespaces of Kubernetes and of the controllers that work on this stack's objects. */
const shared = /^(default|kube-.*|cert-manager|cap[a-z0-9]+-.*-?system|.*-system)$/;

/** Checks of the management cluster and of the protection against deletion. */
export const managementChecks: readonly Check[] = [
  defineCheck({
    id: "management/context-plain",
    summary: "The name of the management cluster's context has no surrounding spaces.",
    why: "a kubeconfig has no context of that name, so nothing can be read or created",
    run: ({ management: { context } }) =>
      context === context.trim()
        ? []
        : {
            at: "management.context",
            problem: `${JSON.stringify(context)} ${context.trim() === "" ? "is blank" : "has spaces around it"}`,
            fix:
              context.trim() === ""
                ? "write one that kubectl config get-contexts shows"
                : `write ${context.trim()}`,
          },
  }),
  defineCheck({
    id: "management/kubeconfig-apart",
    summary: "The kubeconfig is not among the project's code, documentation and tests.",
    why: "a change of a file there affects no stack, and a kubeconfig decides which cluster is managed, and may start programs",
    acceptable: false,
    run: ({ management: { kubeconfig } }) =>
      kubeconfig !== undefined && isOwnFile(kubeconfig)
        ? {
            at: "management.kubeconfig",
            problem: `${JSON.stringify(kubeconfig)} counts as a file of the project itself`,
            fix: "remove it and set $KUBECONFIG, or write a path outside the project, such as ~/.kube/config",
          }
        : [],
  }),
  defineCheck({
    id: "management/namespace-own",
    summary: "The stack has a namespace of its own.",
    why: "anyone who can read Secrets in a shared namespace can read the BMC passwords, and cleaning it up deletes the servers",
    severity: "warning",
    run: ({ name, management: { namespace } }) =>
      shared.test(namespace)
        ? {
            at: "management.namespace",
            problem: `"${namespace}" is shared with others`,
            fix: `create a namespace for this cluster alone, such as ${name}`,
          }
        : [],
  }),
  defineCheck({
    id: "management/previews-ask",
    summary: "Previews require the management cluster.",
    why: "a preview that could not read the cluster looks like one that found no problem",
    severity: "warning",
    run: ({ management: { offlinePreview } }) =>
      offlinePreview
        ? {
            at: "management.offlinePreview",
            problem: "previews continue when the management cluster cannot be reached",
            fix: "remove it where previews can reach the management cluster",
          }
        : [],
  }),
  defineCheck({
    id: "protection/kept-on",
    summary: "The cluster is protected against deletion.",
    why: "a host that is renamed or removed from the file is wiped by the next update without confirmation",
    severity: "warning",
    run: ({ protect }) =>
      protect
        ? []
        : {
            at: "protect",
            problem: "false lets an update delete the cluster and wipe its hosts",
            fix: "remove it, except just before pulumi destroy",
          },
  }),
];

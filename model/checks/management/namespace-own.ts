import { defineCheck } from "../check";

/** Namespaces of Kubernetes and of the controllers that work on this stack's objects. */
const shared = /^(default|kube-.*|cert-manager|cap[a-z0-9]+-.*-?system|.*-system)$/;

export const namespaceOwn = defineCheck({
  id: "management/namespace-own",
  why: "who may read Secrets there reads the BMC passwords, and who cleans it up deletes the servers",
  severity: "warning",
  run: ({ name, management: { namespace } }) =>
    shared.test(namespace)
      ? [
          {
            at: "management.namespace",
            problem: `"${namespace}" is shared with others`,
            fix: `make a namespace for this cluster alone, such as ${name}`,
          },
        ]
      : [],
});

/** The provider's own texts, so that what people and tests look for reads the same with the stand-in. */

const CONFLICT_URL =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";

const REMOVE_HINT =
  'If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';

/** What the provider answers with, by situation. */
export const messages = {
  notCreated: (urn: string, cause: string) =>
    `resource "${urn}" was not successfully created by the Kubernetes API server: ${cause}`,
  notLive: (id: string, cause: string) =>
    `the Kubernetes API server reported that "${id}" failed to fully initialize or become live: ${cause}`,
  createdNotLive: (urn: string, cause: string) =>
    `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ${cause}`,
  noSuchKind: (urn: string, apiVersion: string, kind: string, cause: string) =>
    `creation of resource "${urn}" with kind ${apiVersion}/${kind} failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${cause}`,
  conflict: (manager: string, cause: string) =>
    `server-side apply field conflict detected, see ${CONFLICT_URL} for troubleshooting help\nThe resource managed by field manager "${manager}" had an apply conflict: ${cause}`,
  unreachable: (cause: string) => `configured Kubernetes cluster is unreachable: ${cause}`,
  unreadable: `failed to read resource state due to unreachable cluster. ${REMOVE_HINT}`,
  undeletable: `configured Kubernetes cluster is unreachable. ${REMOVE_HINT}`,
  forgotten:
    "configured Kubernetes cluster is unreachable and the `deleteUnreachable` option is enabled. Deleting the unreachable resource from Pulumi state",
  updateCanceled: (urn: string) =>
    `update of resource "${urn}" failed: context canceled\nunable to get cluster state: client rate limiter Wait returned an error: context canceled`,
  stuckFinalizers: (finalizers: readonly string[]) =>
    `finalizers might be preventing deletion (${finalizers.join(", ")})`,
  existsHint: [
    "",
    "",
    "The resource already exists in the cluster. This can happen when:",
    "",
    "  - Renaming a Pulumi resource: use an alias to preserve the identity,",
    "    or use deleteBeforeReplace if the resource needs replacement.",
    "  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)",
    "    to manage specific fields without owning the resource lifecycle.",
    "  - Adopting a resource into Pulumi: use `pulumi import`. Note that",
    "    protected resources (e.g. kube-system) cannot be deleted on destroy.",
    "  - Intentional upsert: set upsertExistingObjects on the provider to allow",
    "    server-side apply to update existing objects on create.",
  ].join("\n"),
} as const;

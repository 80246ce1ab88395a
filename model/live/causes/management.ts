import { type CauseRule, type SnapshotCause, about, complaints } from "./cause";

/** A webhook of a provider that fails, distinguished by the API server's message. */
function webhookCause(
  cause: Omit<SnapshotCause, "find"> & {
    readonly untrusted: boolean;
    readonly problem: string;
    readonly command: string;
  },
): SnapshotCause {
  const { untrusted, problem, command, ...texts } = cause;
  return {
    ...texts,
    find: (at) =>
      complaints(at)
        .filter(({ message }) => /failed calling webhook/i.test(message))
        .filter(({ message }) => /x509|certificate/i.test(message) === untrusted)
        .slice(0, 1)
        .map(({ object, message, ...since }) => ({
          ...about(object),
          ...since,
          problem,
          evidence: message,
          command,
        })),
  };
}

/** Causes in the management cluster itself. */
export const managementCauses: readonly CauseRule[] = [
  {
    id: "management/unreachable",
    summary: "The management cluster's API server has not answered since the start.",
    why: "An API server that never answered is not restarting: the address is wrong or the network path is closed.",
    fix: "check the context and the server's address in the kubeconfig, and the network to it",
    // An API server takes less than a minute to restart, and a load balancer in front of it some seconds more.
    graceSeconds: 120,
    find({ plan, snapshot }) {
      const { trouble, reached } = snapshot.management;
      if (reached || trouble === undefined || trouble.status !== undefined) return [];
      return [
        {
          object: "management cluster",
          who: plan.cluster,
          problem: "the management cluster does not answer",
          evidence: trouble.message,
        },
      ];
    },
  },
  {
    id: "management/refused",
    summary: "The management cluster's API server refuses to list what must be read.",
    why: "A refusal does not change by waiting: a permission is missing, the login has expired, or the kind is not served.",
    fix: "give this kubeconfig's user the right to list and watch the kind in the stack's namespace",
    // An API server that is starting may refuse or not know a kind for some seconds.
    graceSeconds: 60,
    find({ plan, snapshot }) {
      const { trouble } = snapshot.management;
      if (trouble?.status === undefined || trouble.status >= 500 || trouble.status === 429) return [];
      return [
        {
          object: "management cluster",
          who: plan.cluster,
          problem: `the management cluster refuses what this wait must read (HTTP ${trouble.status})`,
          evidence: trouble.message,
          ...(trouble.status === 404
            ? {
                fix: "install Cluster API, its Metal3 provider and the bare metal operator in the management cluster",
              }
            : {}),
        },
      ];
    },
  },
  webhookCause({
    id: "management/webhook-untrusted",
    summary: "The API server does not trust the certificate of a provider's webhook.",
    why: "The API server refuses every write that the webhook would have to admit, so controllers cannot proceed.",
    fix: "restart cert-manager and its CA injector, then the provider whose webhook is named",
    untrusted: true,
    problem: "the API server does not trust the certificate of a provider's webhook",
    command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o wide",
  }),
  webhookCause({
    id: "management/webhook-unreachable",
    summary: "A provider's webhook does not answer the API server.",
    why: "The API server refuses every write that the webhook would have to admit.",
    fix: "start the provider whose webhook is named, and let the API server reach its pods",
    untrusted: false,
    problem: "a provider's webhook does not answer",
    command: "kubectl get pods -A -l cluster.x-k8s.io/provider",
  }),
];

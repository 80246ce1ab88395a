import type { CauseRule } from "../cause";

/** The management API server answers, and does not let us look. */
export const managementRefused: CauseRule = {
  id: "management/refused",
  why: "The server answers and says no: a missing permission, an expired login, or a kind that it does not serve.",
  // An API server that is starting may refuse or not know a kind for some seconds.
  graceSeconds: 60,
  find({ plan, observation }) {
    const { trouble } = observation.management;
    if (trouble?.status === undefined || trouble.status >= 500 || trouble.status === 429) return [];
    return [
      {
        object: "management cluster",
        who: plan.cluster,
        problem: `the management cluster refuses what this wait must read (HTTP ${trouble.status})`,
        evidence: trouble.message,
        fix:
          trouble.status === 404
            ? "install Cluster API, its Metal3 provider and the bare metal operator in the management cluster"
            : "give this kubeconfig's user the right to list and watch it in the stack's namespace",
      },
    ];
  },
};

/** The management API server has never answered. */
export const managementUnreachable: CauseRule = {
  id: "management/unreachable",
  why: "It has not answered once since the start, so this is not a restart but a wrong address or a closed path.",
  // An API server takes less than a minute to restart, and a load balancer in front of it some seconds more.
  graceSeconds: 120,
  find({ plan, observation }) {
    const { trouble, reached } = observation.management;
    if (reached || trouble === undefined || trouble.status !== undefined) return [];
    return [
      {
        object: "management cluster",
        who: plan.cluster,
        problem: "the management cluster does not answer",
        evidence: trouble.message,
        fix: "check the context and the server's address in the kubeconfig, and the network to it",
      },
    ];
  },
};

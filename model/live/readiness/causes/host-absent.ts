import { clusterRule } from "../cause";

/** A planned BareMetalHost is not there. */
export const hostAbsent = clusterRule({
  id: "hosts/absent",
  why: "Hosts are created before the wait begins; nobody will create a missing one now.",
  // Long enough for a watch that is catching up after a restart of the API server.
  graceSeconds: 60,
  find: ({ hosts, observation, plan }) =>
    observation.management.objects.hosts === undefined
      ? []
      : hosts
          .filter((state) => state.phase === "absent")
          .map((state) => ({
            object: `BareMetalHost/${state.name}`,
            who: state.name,
            problem: "the BareMetalHost does not exist",
            evidence: `namespace ${plan.namespace} has no BareMetalHost "${state.name}"`,
            fix: "somebody deleted it: run pulumi refresh, then pulumi up",
          })),
});

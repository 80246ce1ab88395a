import { defineProof } from "./proof";

export const noWebhooks = defineProof({
  id: "render/no-webhooks",
  why: "the API server would ask a pod that needs the network which Cilium is yet to provide",
  run: ({ objects }) =>
    objects
      .filter(({ kind }) => /^(Validating|Mutating)WebhookConfiguration$/.test(kind))
      .map(({ kind, metadata }) => ({
        problem: `the render holds the ${kind} ${metadata.name}`,
        fix: "switch it off in cilium.values, and create it once the cluster is ready",
      })),
});

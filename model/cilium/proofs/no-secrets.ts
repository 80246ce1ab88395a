import { defineProof } from "./proof";

export const noSecrets = defineProof({
  id: "render/no-secrets",
  why: "a ConfigMap is readable by many, and the keys are new at every render",
  run: ({ objects, secrets, text }) => [
    ...objects
      .filter(({ kind }) => kind === "Secret")
      .map(({ metadata }) => ({
        key: "hubble.tls.auto.method",
        problem: `the render holds the Secret ${metadata.name}, with keys that are new at every render`,
        fix: "set cilium.values.hubble.tls.auto.method to cronJob, or hubble.enabled to false",
      })),
    // Those that are taken apart are cut out of the text by its lines, which another way of writing would escape.
    ...(secrets !== undefined && /\bkind["']?:\s*["']?Secret\b/.test(text)
      ? [
          {
            problem:
              "the render has a Secret that is not written as a block, and would stay in the ConfigMap",
            fix: "write kind: Secret on a line of its own in the chart that cilium.chartDirectory names",
          },
        ]
      : []),
  ],
});

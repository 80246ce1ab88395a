import { defineProof } from "./proof";

export const yamlReadable = defineProof({
  id: "render/yaml-readable",
  why: "Cluster API applies nothing of a manifest that it cannot read",
  run: ({ errors }) =>
    errors
      .filter(({ code }) => code !== "DUPLICATE_KEY")
      .map(({ line, message }) => ({
        problem: `the rendered manifest is not readable YAML: line ${line}: ${message}`,
        fix: "look for text in cilium.values that the chart puts in unquoted, such as extraConfig or annotations",
      })),
});

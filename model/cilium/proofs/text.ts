import { beginningOf } from "../../redaction/shown";
import { type Proof, defineProof } from "./proof";

/** etcd refuses an object of more than 1 MiB; the rest is room for the object around the text. */
const limitBytes = 1_048_576 - 4096;

/** Runs first: nothing else is meaningful for a text that cannot be parsed. */
export const yamlReadable: Proof = defineProof({
  id: "render/yaml-readable",
  summary: "The rendered manifest is valid YAML.",
  why: "Cluster API applies nothing of a manifest that it cannot parse",
  run: ({ errors }) =>
    errors
      .filter(({ code }) => code !== "DUPLICATE_KEY")
      .map(({ line, message }) => ({
        problem: `the rendered manifest is not valid YAML: line ${line}: ${message}`,
        fix: "look for text in cilium.values that the chart inserts without quotes, such as extraConfig or annotations",
      })),
});

/** Further proofs of the render as a text. */
export const textProofs: readonly Proof[] = [
  defineProof({
    id: "render/keys-unique",
    summary: "Every key of the render appears once.",
    why: "of a duplicate key the last one wins, so the verified value is not the one that runs",
    run: ({ errors }) =>
      errors
        .filter(({ code }) => code === "DUPLICATE_KEY")
        .map(({ line, source }) => ({
          key: "extraConfig",
          problem: `the render has a duplicate key: line ${line}: ${source}`,
          fix: "set it by the chart's own key, and remove it from cilium.values.extraConfig",
        })),
  }),
  defineProof({
    id: "render/documents-separated",
    summary: "Documents are separated by lines of three dashes only.",
    why: "Cluster API's parser splits at such lines only: it drops text after the dashes, and everything after an end marker",
    run: ({ text }) =>
      text.split("\n").flatMap((line, i) => {
        const mark = /^\.\.\.(\s|$)/.test(line) || /^---(?!\s*(#.*)?$)/.test(line);
        if (!mark) return [];
        return {
          problem: `line ${i + 1} of the render, "${beginningOf(line, 40)}", is not a plain document separator`,
          fix: "use the released chart, or change the chart in cilium.chartDirectory",
        };
      }),
  }),
  defineProof({
    id: "render/fits-configmap",
    summary: "The render fits into a ConfigMap.",
    why: "the API server refuses an object of more than 1 MiB, and nothing would be applied",
    run: ({ text }) => {
      const bytes = new TextEncoder().encode(text).length;
      if (bytes < limitBytes) return [];
      return {
        problem: `the render is ${bytes} bytes, a ConfigMap holds ${limitBytes}`,
        fix: "disable what this cluster does not need in cilium.values",
      };
    },
  }),
];

import { defineProof } from "./proof";

export const keysUnique = defineProof({
  id: "render/keys-unique",
  why: "of a key that stands twice the last one wins, so that what was proven is not what runs",
  run: ({ errors }) =>
    errors
      .filter(({ code }) => code === "DUPLICATE_KEY")
      .map(({ line, source }) => ({
        key: "extraConfig",
        problem: `the render has a key twice: line ${line}: ${source}`,
        fix: "set it by the chart's own key, and remove it from cilium.values.extraConfig",
      })),
});

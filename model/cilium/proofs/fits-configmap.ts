import { defineProof } from "./proof";

/** etcd refuses an object of more than 1 MiB; the rest is room for the object around the text. */
const limitBytes = 1_048_576 - 4096;

export const fitsConfigmap = defineProof({
  id: "render/fits-configmap",
  why: "the API server refuses an object of more than 1 MiB, and nothing would be applied",
  run: ({ text }) => {
    const bytes = new TextEncoder().encode(text).length;
    if (bytes < limitBytes) return [];
    return [
      {
        problem: `the render is ${bytes} bytes, a ConfigMap holds ${limitBytes}`,
        fix: "switch off what this cluster does not need in cilium.values",
      },
    ];
  },
});

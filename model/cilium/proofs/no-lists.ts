import { defineProof } from "./proof";

export const noLists = defineProof({
  id: "render/no-lists",
  why: "Cluster API does not open a List: it asks the API server to create an object of that kind, which fails for ever",
  run: ({ objects }) =>
    objects
      .filter((object) => object.kind.endsWith("List") && Array.isArray(object["items"]))
      .map(({ kind, metadata }) => ({
        problem: `the render holds a ${kind}, ${metadata.name}`,
        fix: "write its items as documents of their own, in the chart that cilium.chartDirectory names",
      })),
});

import { defineProof } from "./proof";

export const objectsUnique = defineProof({
  id: "render/objects-unique",
  why: "of two objects of one name the resource set creates the first and silently skips the second",
  run: ({ objects }) => {
    const seen = new Set<string>();
    return objects.flatMap(({ kind, metadata: { namespace, name } }) => {
      const key = [kind, namespace, name].filter((part) => part !== undefined).join("/");
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      return [
        {
          problem: `the render holds ${key} twice`,
          fix: "rename one of the two: a service account in cilium.values.serviceAccounts, else in the chart (cilium.chartDirectory)",
        },
      ];
    });
  },
});

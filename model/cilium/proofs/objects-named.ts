import { text } from "../../kubernetes/object";
import { defineProof } from "./proof";

export const objectsNamed = defineProof({
  id: "render/objects-named",
  why: "Cluster API tries a document without kind or name again for ever, and the resource set never counts as applied",
  run: ({ documents }) =>
    documents.flatMap((document, i) => {
      const missing = [["apiVersion"], ["kind"], ["metadata", "name"]]
        .filter((path) => (text(document, ...path) ?? "") === "")
        .map((path) => path.join("."));
      if (missing.length === 0) return [];
      const kind = text(document, "kind") ?? "object";
      return [
        {
          problem: `document ${i + 1} of the render (${kind}) has no ${missing.join(", ")}`,
          fix: "use the released chart, or change the one that cilium.chartDirectory names",
        },
      ];
    }),
});

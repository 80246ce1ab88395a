import { beginningOf } from "../../redaction/shown";
import { defineProof } from "./proof";

export const documentsSeparated = defineProof({
  id: "render/documents-separated",
  why: "Cluster API's reader splits at lines of three dashes only: it drops what follows them on the line, or follows an end mark",
  run: ({ text }) =>
    text.split("\n").flatMap((line, i) => {
      const mark = /^\.\.\.(\s|$)/.test(line) || /^---(?!\s*(#.*)?$)/.test(line);
      if (!mark) return [];
      return [
        {
          problem: `line ${i + 1} of the render, "${beginningOf(line, 40)}", is not a plain separator of documents`,
          fix: "use the released chart, or change the one that cilium.chartDirectory names",
        },
      ];
    }),
});

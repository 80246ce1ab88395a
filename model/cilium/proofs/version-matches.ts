import { list, text } from "../../kubernetes/object";
import { agent, operator, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const versionMatches = defineProof({
  id: "render/version-matches",
  why: "what is upgraded, checked and shown in the diff is the version in the stack file",
  run: (render, { version }) =>
    workloadsOf(render, [agent, operator]).flatMap(({ place, pod, values }) =>
      list(pod, "containers").flatMap((container) => {
        // An image that is named by its digest alone says nothing about its version.
        const tag = /:(v\d+\.\d+\.\d+[^@]*)/.exec(text(container, "image") ?? "")?.[1];
        if (tag === undefined || tag === `v${version}`) return [];
        return [
          {
            key: `${values}image.tag`,
            problem: `${place} runs ${tag}, the stack says cilium.version "${version}"`,
            fix: "write the version of the chart into cilium.version, and remove image tags from cilium.values",
          },
        ];
      }),
    ),
});

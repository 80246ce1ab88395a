import { list, text } from "../../kubernetes/object";
import { agent, workloadOf } from "./anatomy";
import { apiUrls, unreachableBefore } from "./api-server";
import { defineProof } from "./proof";

export const apiUrlsComplete = defineProof({
  id: "render/api-urls-complete",
  why: "a list of API servers stands in for the endpoint only when the agent's first container reads it as well",
  run: (render, plan) => {
    const urls = apiUrls(render);
    if (urls.length === 0) return [];
    const key = "k8s.apiServerURLs";
    const config = list(workloadOf(render, agent)?.pod, "initContainers").find(
      (each) => text(each, "name") === "config",
    );
    const words = [...list(config, "command"), ...list(config, "args")].map(String);
    return [
      ...(words.some((word) => word.startsWith("--k8s-api-server-urls="))
        ? []
        : [
            {
              key,
              problem:
                "cilium-config has k8s-api-server-urls, and the init container config is not given them",
              fix: "use the released chart, or remove k8s.apiServerURLs from cilium.values",
            },
          ]),
      ...urls.flatMap((url) => {
        const host = /^https?:\/\/\[?([^/\]]*?)\]?(:\d+)?\/?$/.exec(url)?.[1] ?? url;
        const why = unreachableBefore(host, plan);
        return why === undefined
          ? []
          : [{ key, problem: `the API server "${url}" ${why}`, fix: "write addresses" }];
      }),
    ];
  },
});

import { list, text } from "../../kubernetes/object";
import { agent, operator, objectOf, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const accountsBound = defineProof({
  id: "render/accounts-bound",
  why: "without a role in the cluster the agent and its operator are refused by the API server for ever",
  run: (render) => {
    const bound = render.objects
      .filter(
        (object) =>
          object.kind === "ClusterRoleBinding" &&
          objectOf(render, "ClusterRole", text(object, "roleRef", "name") ?? "") !== undefined,
      )
      .flatMap((object) => list(object, "subjects"))
      .filter((subject) => text(subject, "kind") === "ServiceAccount")
      .map((subject) => text(subject, "name"));
    return workloadsOf(render, [agent, operator]).flatMap(({ place, pod }) => {
      const account = text(pod, "serviceAccountName") ?? "default";
      if (bound.includes(account)) return [];
      return [
        {
          problem: `${place}: no ClusterRoleBinding gives a rendered ClusterRole to its service account ${account}`,
          fix: "remove rbac.create and what renames service accounts from cilium.values",
        },
      ];
    });
  },
});

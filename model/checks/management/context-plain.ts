import { defineCheck } from "../check";

export const contextPlain = defineCheck({
  id: "management/context-plain",
  why: "a kubeconfig has no context of that name, so nothing can be asked or created",
  run: ({ management: { context } }) =>
    context === context.trim()
      ? []
      : [
          {
            at: "management.context",
            problem: `${JSON.stringify(context)} ${context.trim() === "" ? "names nothing" : "has spaces around it"}`,
            fix:
              context.trim() === ""
                ? "write one that kubectl config get-contexts shows"
                : `write ${context.trim()}`,
          },
        ],
});

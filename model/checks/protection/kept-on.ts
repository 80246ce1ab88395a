import { defineCheck } from "../check";

export const keptOn = defineCheck({
  id: "protection/kept-on",
  why: "a host that is renamed or taken out of the file is wiped by the next update, without another question",
  severity: "warning",
  run: ({ protect }) =>
    protect
      ? []
      : [
          {
            at: "protect",
            problem: "false lets an update delete the cluster and wipe its hosts",
            fix: "remove it, except just before pulumi destroy",
          },
        ],
});

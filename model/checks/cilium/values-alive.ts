import { judgeValues } from "../../cilium/keys/judge-values";
import { defineCheck } from "../check";

export const valuesAlive = defineCheck({
  id: "cilium/values-alive",
  why: "guides still show keys that the chart has dropped: it ignores them, or does not render",
  run: ({ cilium }) =>
    judgeValues(cilium.values, cilium.version)
      .filter(({ verdict }) => verdict === "dead")
      .map(({ key, problem, fix }) => ({ at: `cilium.values.${key}`, problem, fix })),
});

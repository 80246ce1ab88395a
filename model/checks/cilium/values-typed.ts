import { judgeValues } from "../../cilium/keys/judge-values";
import { defineCheck } from "../check";

export const valuesTyped = defineCheck({
  id: "cilium/values-typed",
  why: "the chart refuses a value of another type, long after this stack was found good",
  run: ({ cilium }) =>
    judgeValues(cilium.values, cilium.version)
      .filter(({ verdict }) => verdict === "type")
      .map(({ key, problem, fix }) => ({ at: `cilium.values.${key}`, problem, fix })),
});

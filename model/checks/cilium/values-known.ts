import { judgeValues } from "../../cilium/keys/judge-values";
import { defineCheck } from "../check";

export const valuesKnown = defineCheck({
  id: "cilium/values-known",
  why: "no chart refuses a key that it does not know: it renders as if the key were not there",
  run: ({ cilium }) =>
    judgeValues(cilium.values, cilium.version)
      .filter(({ verdict }) => verdict === "unknown")
      .map(({ key, problem, fix }) => ({ at: `cilium.values.${key}`, problem, fix })),
});

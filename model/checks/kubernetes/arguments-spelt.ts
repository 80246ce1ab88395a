import { defineCheck } from "../check";
import { componentsOf } from "./components";

export const argumentsSpelt = defineCheck({
  id: "kubernetes/arguments-spelt",
  why: "the component ends at once when it is given a flag that it cannot read, and the control plane never starts",
  run: (stack) =>
    componentsOf(stack).flatMap(({ name: component, extraArgs }) =>
      Object.keys(extraArgs)
        .filter((flag) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(flag))
        .map((flag) => ({
          at: `kubernetes.${component}.extraArgs.${flag}`,
          problem: `"${flag}" is not the bare name of a flag`,
          fix: `write ${flag.replace(/=.*$/, "").replace(/^-+/, "").replace(/_/g, "-").toLowerCase()}`,
        })),
    ),
});

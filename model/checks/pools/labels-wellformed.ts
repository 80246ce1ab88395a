import { defineCheck } from "../check";
import { nodeLabelsOf } from "../machine-pools";
import { isLabelKey, isLabelValue } from "./label-syntax";

export const labelsWellformed = defineCheck({
  id: "pools/labels-wellformed",
  why: "the kubelet ends at once when it is given a label that is none",
  run: (stack) =>
    nodeLabelsOf(stack).flatMap(({ key, value, at }) => {
      const wrong = !isLabelKey(key) ? `key "${key}"` : !isLabelValue(value) ? `value "${value}"` : undefined;
      if (wrong === undefined) return [];
      return [
        {
          at,
          problem: `the ${wrong} is none for a label`,
          fix: "use at most 63 letters, digits, dashes, dots and underscores, and example.com/ before a key",
        },
      ];
    }),
});

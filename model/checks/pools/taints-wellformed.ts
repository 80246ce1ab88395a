import { defineCheck } from "../check";
import { taintsOf } from "../machine-pools";
import { isLabelKey, isLabelValue } from "./label-syntax";

export const taintsWellformed = defineCheck({
  id: "pools/taints-wellformed",
  why: "kubeadm join cannot register a node with a taint that the API server refuses",
  run: (stack) =>
    taintsOf(stack).flatMap(({ taint: { key, value = "" }, at }) => [
      ...(isLabelKey(key)
        ? []
        : [
            {
              at: `${at}.key`,
              problem: `"${key}" is no taint key`,
              fix: "write a name of at most 63 letters, digits, dashes, dots, with a domain before it: example.com/dedicated",
            },
          ]),
      ...(isLabelValue(value)
        ? []
        : [
            {
              at: `${at}.value`,
              problem: `"${value}" is no taint value`,
              fix: "use at most 63 letters, digits, dashes, dots and underscores",
            },
          ]),
    ]),
});

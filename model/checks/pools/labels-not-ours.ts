import { poolLabel } from "../../plan/labels";
import { defineCheck } from "../check";
import { nodeLabelsOf } from "../machine-pools";

/** Labels that every node gets from us: Metal3 finds the node by the first (facts/capi-metal3.md 3.1). */
const ours: Readonly<Record<string, string>> = {
  "metal3.io/uuid": "Metal3 finds the node of a host by it",
  [poolLabel]: "it holds the name of the node's pool",
};

export const labelsNotOurs = defineCheck({
  id: "pools/labels-not-ours",
  why: "a node with another metal3.io/uuid is never matched with its host, and its machine is never ready",
  acceptable: false,
  run: (stack) =>
    nodeLabelsOf(stack).flatMap(({ key, at }) => {
      const reason = ours[key];
      if (reason === undefined) return [];
      return [{ at, problem: `"${key}" is set by this program: ${reason}`, fix: "remove it" }];
    }),
});

import type { Check } from "../check";
import { labelChecks } from "./labels";
import { poolNameChecks } from "./names";
import { rolloutChecks } from "./rollout";
import { taintChecks } from "./taints";

/** Checks of machine pools: names, labels, taints, rollout. */
export const poolsChecks: readonly Check[] = [
  ...poolNameChecks,
  ...labelChecks,
  ...taintChecks,
  ...rolloutChecks,
];

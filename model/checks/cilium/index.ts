import type { Check } from "../check";
import { bgpServed } from "./bgp-served";
import { clusterNameShort } from "./cluster-name-short";
import { valuesAlive } from "./values-alive";
import { valuesKnown } from "./values-known";
import { valuesTyped } from "./values-typed";

/** Checks of Cilium. */
export const ciliumChecks: readonly Check[] = [
  bgpServed,
  clusterNameShort,
  valuesKnown,
  valuesAlive,
  valuesTyped,
];

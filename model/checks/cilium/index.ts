import type { Check } from "../check";
import { bgpServed } from "./bgp-served";
import { clusterNameShort } from "./cluster-name-short";

/** Checks of Cilium. */
export const ciliumChecks: readonly Check[] = [bgpServed, clusterNameShort];

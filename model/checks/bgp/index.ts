import type { Check } from "../check";
import { keepaliveBelowHold } from "./keepalive-below-hold";
import { peerNamesUnique } from "./peer-names-unique";

/** Checks of BGP. */
export const bgpChecks: readonly Check[] = [keepaliveBelowHold, peerNamesUnique];

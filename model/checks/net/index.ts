import type { Check } from "../check";
import { addressesUnique } from "./addresses-unique";
import { cidrsCanonical } from "./cidrs-canonical";
import { cidrsDisjoint } from "./cidrs-disjoint";
import { endpointInNodeNetwork } from "./endpoint-in-node-network";
import { hostAddressesInNodeNetwork } from "./host-addresses-in-node-network";

/** Checks of the address plan. */
export const netChecks: readonly Check[] = [
  addressesUnique,
  cidrsCanonical,
  cidrsDisjoint,
  endpointInNodeNetwork,
  hostAddressesInNodeNetwork,
];

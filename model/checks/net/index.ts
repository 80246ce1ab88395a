import type { Check } from "../check";
import { addressChecks } from "./addresses";
import { endpointAddressChecks } from "./endpoint";
import { familyChecks } from "./families";
import { networkChecks } from "./networks";
import { podNetworkChecks } from "./pods";
import { rangeChecks } from "./ranges";
import { serverChecks } from "./servers";

/** Checks of the address plan. */
export const netChecks: readonly Check[] = [
  ...networkChecks,
  ...rangeChecks,
  ...addressChecks,
  ...endpointAddressChecks,
  ...familyChecks,
  ...podNetworkChecks,
  ...serverChecks,
];

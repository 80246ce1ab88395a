import type { Check } from "../check";
import { ciliumAddressChecks } from "./addresses";
import { bootstrapChecks } from "./bootstrap";
import { featureChecks } from "./features";
import { routingChecks } from "./routing";
import { valueChecks } from "./values";

/** Checks of Cilium's Helm values and of what its agents refuse. */
export const ciliumChecks: readonly Check[] = [
  ...valueChecks,
  ...featureChecks,
  ...bootstrapChecks,
  ...routingChecks,
  ...ciliumAddressChecks,
];

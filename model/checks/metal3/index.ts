import type { Check } from "../check";
import { bondsWithFixedAddresses } from "./bonds-with-fixed-addresses";
import { cleaningEnabled } from "./cleaning-enabled";
import { poolLinksForm } from "./pool-links-form";
import { poolLinksUniform } from "./pool-links-uniform";

/** Checks of what Metal3 can do. */
export const metal3Checks: readonly Check[] = [
  bondsWithFixedAddresses,
  cleaningEnabled,
  poolLinksForm,
  poolLinksUniform,
];

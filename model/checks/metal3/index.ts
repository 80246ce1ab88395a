import type { Check } from "../check";
import { bondsWithFixedAddresses } from "./bonds-with-fixed-addresses";
import { cleaningEnabled } from "./cleaning-enabled";

/** Checks of what Metal3 can do. */
export const metal3Checks: readonly Check[] = [bondsWithFixedAddresses, cleaningEnabled];

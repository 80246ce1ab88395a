import type { Check } from "../check";
import { keptOn } from "./kept-on";

/** Checks of the protection against deletion. */
export const protectionChecks: readonly Check[] = [keptOn];

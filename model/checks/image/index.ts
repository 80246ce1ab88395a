import type { Check } from "../check";
import { checksumChecks } from "./checksum";
import { imageUrlChecks } from "./url";

/** Checks of system images. */
export const imageChecks: readonly Check[] = [...checksumChecks, ...imageUrlChecks];

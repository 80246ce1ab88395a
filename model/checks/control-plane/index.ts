import type { Check } from "../check";
import { upgradable } from "./upgradable";

/** Checks of the control plane as a whole. */
export const controlPlaneChecks: readonly Check[] = [upgradable];

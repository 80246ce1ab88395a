import type { Check } from "../check";
import { startupTimeoutRealistic } from "./startup-timeout-realistic";

/** Checks of machine health checks. */
export const healthChecks: readonly Check[] = [startupTimeoutRealistic];

import type { Check } from "../check";
import { rolloutTimeoutUsed } from "./rollout-timeout-used";

/** Checks of who owns Cilium after the bootstrap. */
export const lifecycleChecks: readonly Check[] = [rolloutTimeoutUsed];

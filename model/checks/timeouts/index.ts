import type { Check } from "../check";
import { bgpCoversRetry } from "./bgp-covers-retry";
import { deleteCoversCleaning } from "./delete-covers-cleaning";
import { readyCoversJoins } from "./ready-covers-joins";
import { readyCoversStartup } from "./ready-covers-startup";
import { rolloutCoversNodes } from "./rollout-covers-nodes";

/** Checks of how long the program waits. */
export const timeoutsChecks: readonly Check[] = [
  bgpCoversRetry,
  deleteCoversCleaning,
  readyCoversJoins,
  readyCoversStartup,
  rolloutCoversNodes,
];

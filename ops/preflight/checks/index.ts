import type { PreflightCheck } from "../check";
import { hostChecks } from "./hosts";
import { lifecycleChecks } from "./lifecycle";
import { managementChecks } from "./management";
import { objectChecks } from "./objects";
import { outsideChecks } from "./outside";
import { providerChecks } from "./providers";
import { rolloutChecks } from "./rollout";

/** Every check of the live preflight, in the order of the report; this list is their documentation. */
export const preflightChecks: readonly PreflightCheck[] = [
  ...managementChecks,
  ...providerChecks,
  ...objectChecks,
  ...lifecycleChecks,
  ...hostChecks,
  ...rolloutChecks,
  ...outsideChecks,
];

import { Illegible } from "../config/legible";
import type { Stack } from "../config/schema";
import type { SecretPath } from "../config/secrets";
import { type Finding, findingsOf } from "../findings";
import { bgpChecks } from "./bgp";
import { bmcChecks } from "./bmc";
import type { Check } from "./check";
import { ciliumChecks } from "./cilium";
import { healthChecks } from "./health";
import { hostsChecks } from "./hosts";
import { imageChecks } from "./image";
import { kubernetesChecks } from "./kubernetes";
import { linksChecks } from "./links";
import { machinesChecks } from "./machines";
import { managementChecks } from "./management";
import { netChecks } from "./net";
import { poolsChecks } from "./pools";
import { timeoutChecks } from "./timeouts";
import { versionChecks } from "./versions";

/** Every check, area by area. */
export const checks: readonly Check[] = [
  ...netChecks,
  ...hostsChecks,
  ...bmcChecks,
  ...managementChecks,
  ...versionChecks,
  ...kubernetesChecks,
  ...linksChecks,
  ...imageChecks,
  ...poolsChecks,
  ...machinesChecks,
  ...healthChecks,
  ...ciliumChecks,
  ...bgpChecks,
  ...timeoutChecks,
];

/** What the checks found, and how many of them ran. */
export interface Checked {
  readonly findings: readonly Finding[];
  /** Those that need a value which cannot be read yet. */
  readonly waiting: readonly Check[];
}

/** Runs all checks and returns all that they find. */
export function checkStack(stack: Stack, secrets?: ReadonlyMap<SecretPath, string>): readonly Finding[] {
  return runChecks(stack, secrets).findings;
}

/** Runs all checks on a stack, or on the legible part of one. */
export function runChecks(stack: Stack, secrets?: ReadonlyMap<SecretPath, string>): Checked {
  const findings: Finding[] = [];
  const waiting: Check[] = [];
  for (const check of checks) {
    try {
      findings.push(...findingsOf(check, stack, secrets));
    } catch (error) {
      if (!(error instanceof Illegible)) throw error;
      waiting.push(check);
    }
  }
  return { findings, waiting };
}

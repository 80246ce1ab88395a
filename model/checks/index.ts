import { Illegible } from "../config/legible";
import type { Stack } from "../config/schema";
import type { SecretPath } from "../config/secrets";
import type { Finding } from "../findings";
import { bgpChecks } from "./bgp";
import { bmcChecks } from "./bmc";
import type { Check } from "./check";
import { ciliumChecks } from "./cilium";
import { controlPlaneChecks } from "./control-plane";
import { etcdChecks } from "./etcd";
import { healthChecks } from "./health";
import { hostsChecks } from "./hosts";
import { imageChecks } from "./image";
import { kubernetesChecks } from "./kubernetes";
import { lifecycleChecks } from "./lifecycle";
import { linksChecks } from "./links";
import { machinesChecks } from "./machines";
import { managementChecks } from "./management";
import { metal3Checks } from "./metal3";
import { netChecks } from "./net";
import { poolsChecks } from "./pools";
import { protectionChecks } from "./protection";
import { timeoutsChecks } from "./timeouts";

/** Every check, area by area; the areas' lists are their documentation. */
export const checks: readonly Check[] = [
  ...netChecks,
  ...hostsChecks,
  ...bmcChecks,
  ...managementChecks,
  ...kubernetesChecks,
  ...controlPlaneChecks,
  ...linksChecks,
  ...metal3Checks,
  ...imageChecks,
  ...etcdChecks,
  ...poolsChecks,
  ...machinesChecks,
  ...healthChecks,
  ...ciliumChecks,
  ...bgpChecks,
  ...lifecycleChecks,
  ...timeoutsChecks,
  ...protectionChecks,
];

/** What the checks found, and how many of them ran. */
export interface Checked {
  readonly findings: readonly Finding[];
  /** Those that asked for a value which is not there in a readable form: they can say nothing until it is. */
  readonly waiting: readonly Check[];
}

/** Runs all checks and returns all that they find. */
export function checkStack(stack: Stack, secrets?: ReadonlyMap<SecretPath, string>): readonly Finding[] {
  return runChecks(stack, secrets).findings;
}

/** Runs all checks on a stack, or on what of one is legible. */
export function runChecks(stack: Stack, secrets?: ReadonlyMap<SecretPath, string>): Checked {
  const runs = checks.map((check) => ({ check, findings: findingsOf(check, stack, secrets) }));
  return {
    findings: runs.flatMap(({ findings = [] }) => findings),
    waiting: runs.filter(({ findings }) => findings === undefined).map(({ check }) => check),
  };
}

function findingsOf(
  check: Check,
  stack: Stack,
  secrets: ReadonlyMap<SecretPath, string> | undefined,
): readonly Finding[] | undefined {
  try {
    const results = check.run(stack, secrets);
    return results.map((result) => ({ id: check.id, severity: check.severity, ...result }));
  } catch (error) {
    if (error instanceof Illegible) return undefined;
    throw error;
  }
}

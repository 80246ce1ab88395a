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

/** Runs all checks and returns all that they find. */
export function checkStack(stack: Stack, secrets?: ReadonlyMap<SecretPath, string>): readonly Finding[] {
  return checks.flatMap((check) =>
    check.run(stack, secrets).map((result) => ({ id: check.id, severity: check.severity, ...result })),
  );
}

import type { Stack } from "../stack/schema";
import { controlPlanePool } from "../kubernetes/labels";
import { type MachinePool, machinePools, rebootsOf } from "../plan/machines";
import { type Check, defineCheck } from "./check";

/**
 * How many machines of a pool may be unhealthy and still be remediated; undefined when it cannot be parsed. Cluster API
 * rounds a percentage down, which is zero for one or two machines; the plan raises any other than 0% to one machine.
 */
function allowance({ healthCheck, replicas }: MachinePool): number | undefined {
  const [, number, percent] = /^(\d+)(%?)$/.exec(healthCheck.maxUnhealthy) ?? [];
  if (number === undefined || (percent === "%" && Number(number) > 100)) return undefined;
  if (percent !== "%" || Number(number) === 0) return Number(number);
  return Math.max(1, Math.floor((Number(number) * replicas) / 100));
}

/** The pools whose unhealthy machines Metal3 reboots, and how often. */
function rebootedPools(stack: Stack): readonly (MachinePool & { readonly reboots: number })[] {
  return machinePools(stack)
    .filter(({ healthCheck }) => healthCheck.enabled)
    .map((pool) => ({ ...pool, reboots: rebootsOf(pool.name, pool) }))
    .filter(({ reboots }) => reboots > 0);
}

/** A server's firmware takes minutes to start; five is quick. */
const rebootSeconds = 300;

/** Power-off, firmware, boot and kubelet take a quarter of an hour on many servers. */
const leastSeconds = 900;

/** Checks of machine health checks. */
export const healthChecks: readonly Check[] = [
  defineCheck({
    id: "health/max-unhealthy-form",
    summary: "maxUnhealthy is a number of machines or a percentage.",
    why: "Cluster API refuses the health check, or reads the limit as zero",
    run: (stack) =>
      machinePools(stack).flatMap((pool) =>
        allowance(pool) !== undefined
          ? []
          : {
              at: `${pool.at}.healthCheck.maxUnhealthy`,
              problem: `"${pool.healthCheck.maxUnhealthy}" is neither a number of machines nor a percentage`,
              fix: 'write it quoted, such as "40%" or "1"',
            },
      ),
  }),
  defineCheck({
    id: "health/max-unhealthy-effective",
    summary: "maxUnhealthy allows remediation of at least one machine.",
    why: "with a limit of zero no machine is ever remediated",
    run: (stack) =>
      machinePools(stack).flatMap((pool) => {
        const { maxUnhealthy, enabled } = pool.healthCheck;
        if (!enabled || allowance(pool) !== 0) return [];
        return {
          at: `${pool.at}.healthCheck.maxUnhealthy`,
          problem: `"${maxUnhealthy}" of ${pool.replicas} machines is none, so this health check has no effect`,
          fix: 'write "40%" or "1", or healthCheck.enabled: false',
        };
      }),
  }),
  defineCheck({
    id: "health/max-unhealthy-brakes",
    summary: "maxUnhealthy prevents remediation of all machines of a pool at once.",
    why: "one broken switch makes all machines unhealthy at once, and then all are rebooted or wiped",
    severity: "warning",
    run: (stack) =>
      machinePools(stack).flatMap((pool) => {
        const { maxUnhealthy, enabled } = pool.healthCheck;
        if (!enabled || pool.replicas < 2 || (allowance(pool) ?? 0) < pool.replicas) return [];
        return {
          at: `${pool.at}.healthCheck.maxUnhealthy`,
          problem: `"${maxUnhealthy}" allows remediation of all ${pool.replicas} machines at the same time`,
          fix: 'write "40%"',
        };
      }),
  }),
  defineCheck({
    id: "health/reboot-survives",
    summary: "A machine is unhealthy only after longer than a reboot takes.",
    why: "a server that restarts for a kernel update counts as dead, is powered off and finally wiped",
    run: (stack) =>
      machinePools(stack).flatMap(({ at, healthCheck: { enabled, unhealthyAfterSeconds: seconds } }) =>
        !enabled || seconds >= rebootSeconds
          ? []
          : {
              at: `${at}.healthCheck.unhealthyAfterSeconds`,
              problem: `${seconds} s is less than a server's firmware takes to start`,
              fix: "write 600",
            },
      ),
  }),
  defineCheck({
    id: "health/startup-timeout-realistic",
    summary: "The startup timeout covers provisioning a server.",
    why: "a machine is deleted before it has booted, its host is wiped, and the cycle repeats",
    run: (stack) =>
      machinePools(stack).flatMap(({ at, healthCheck: { enabled, nodeStartupTimeoutSeconds: seconds } }) =>
        !enabled || seconds === 0 || seconds >= 1800
          ? []
          : {
              at: `${at}.healthCheck.nodeStartupTimeoutSeconds`,
              problem: `${seconds} s is shorter than provisioning a server takes`,
              fix: "write 7200",
            },
      ),
  }),
  // The time of one reboot covers everything from the power-off to a node that is ready.
  defineCheck({
    id: "health/reboot-timeout-realistic",
    summary: "The reboot timeout covers power-off, firmware, boot and kubelet.",
    why: "a server with slow firmware is marked unhealthy while it is still starting, and Metal3 never chooses it again",
    run: (stack) =>
      rebootedPools(stack)
        .filter(({ healthCheck }) => healthCheck.rebootTimeoutSeconds < leastSeconds)
        .map(({ at, healthCheck }) => ({
          at: `${at}.healthCheck.rebootTimeoutSeconds`,
          problem: `${healthCheck.rebootTimeoutSeconds} s must cover power-off, firmware, boot and kubelet`,
          fix: "write 1800",
        })),
  }),
  // Metal3 counts repetitions and requires at least one: there is no single reboot.
  defineCheck({
    id: "health/reboots-counted",
    summary: "Reboots are zero or at least two.",
    why: "Metal3 repeats a reboot at least once, so a single reboot is not possible",
    run: (stack) =>
      rebootedPools(stack)
        .filter(({ reboots }) => reboots === 1)
        .map(({ at }) => ({
          at: `${at}.healthCheck.reboots`,
          problem: "Metal3 reboots an unhealthy machine at least twice, so 1 is not possible",
          fix: "write 2, or 0 to have Cluster API replace the machine",
        })),
  }),
  /**
   * After the last reboot CAPM3 sets the condition OwnerRemediated only in status.deprecated.v1beta1, and Cluster API reads
   * only the current conditions (CAPM3 v1.13.2 to v1.14 baremetal/metal3remediation_manager.go, Cluster API v1.13 and v1.14
   * util/collections/machine_filters.go): no supported pair of releases replaces the machine.
   */
  defineCheck({
    id: "health/reboots-replace",
    summary: "Unhealthy machines are replaced, not only rebooted.",
    why: "when reboots do not help, no supported release of Metal3 lets Cluster API replace the machine: it stays until an operator replaces it",
    severity: "warning",
    run: (stack) =>
      rebootedPools(stack)
        .filter(({ name, replicas }) => name !== controlPlanePool || replicas > 1)
        .map(({ at, reboots }) => ({
          at: `${at}.healthCheck.reboots`,
          problem: `a machine is not replaced automatically when ${reboots} reboots do not help`,
          fix: "write 0 to have Cluster API replace it, or be ready for npm run metal -- recover machine",
        })),
  }),
  defineCheck({
    id: "health/control-plane-replaceable",
    summary: "The health check of a single control plane machine reboots it.",
    why: "Cluster API never replaces the only control plane machine, so the health check has no effect",
    run: ({ controlPlane }) =>
      controlPlane.replicas > 1 ||
      !controlPlane.healthCheck.enabled ||
      rebootsOf(controlPlanePool, controlPlane) > 0
        ? []
        : {
            at: "controlPlane.healthCheck.reboots",
            problem:
              "without reboots the only remediation is replacement, and a single control plane machine cannot be replaced",
            fix: "write reboots: 2, or healthCheck.enabled: false, or 3 replicas",
          },
  }),
];

import { capacityAnnotation } from "../../kubernetes/labels";
import { deploymentsOf, poolText, sizeOf } from "../../plan/machines";
import { hostsForMachines, workerPool } from "../../stack/addressing";
import { counted, listed } from "../../text/wording";
import { type Check, defineCheck, duplicates } from "../check";

/** More unknown failure domains than these are one finding of their pool: a list may be the same for hundreds of pools. */
const mostUnknown = 20;

/** Checks of how many machines a pool has: the autoscaler's bounds, and the failure domains that share them. */
export const sizeChecks: readonly Check[] = [
  defineCheck({
    id: "pools/autoscaling-bounds",
    summary: "The autoscaler's least number of machines is not above the greatest.",
    why: "the autoscaler skips such a pool, and the number of machines never changes",
    acceptable: false,
    run: ({ workers }) =>
      workers.flatMap(({ autoscaling }, i) =>
        autoscaling === undefined || autoscaling.min <= autoscaling.max
          ? []
          : {
              at: `workers[${i}].autoscaling.min`,
              problem: `${autoscaling.min} is more than max, ${autoscaling.max}`,
              fix: `write at most ${autoscaling.max}, or a greater max`,
            },
      ),
  }),
  defineCheck({
    id: "pools/autoscaling-decides",
    summary: "A pool has either replicas or autoscaling.",
    why: "the autoscaler decides the number of machines, so replicas has no effect",
    run: ({ workers }) =>
      workers.flatMap(({ autoscaling, replicas }, i) =>
        autoscaling === undefined || replicas === 1
          ? []
          : {
              at: `workers[${i}].replicas`,
              problem: `${replicas} has no effect: the autoscaler decides between ${autoscaling.min} and ${autoscaling.max}`,
              fix: "remove replicas, or autoscaling",
            },
      ),
  }),
  defineCheck({
    id: "pools/autoscaling-from-zero",
    summary: "A pool that the autoscaler may empty has the capacity of its machines.",
    why: "the autoscaler cannot read the size of a machine that does not exist: an empty pool is never filled again",
    run: (stack) =>
      stack.workers.flatMap((pool, i) => {
        const { autoscaling, name } = pool;
        if (autoscaling === undefined || autoscaling.capacity !== undefined) return [];
        const empty = deploymentsOf(stack, pool).filter(({ least, replicas }) => least === 0 && replicas > 0);
        if (empty.length === 0) return [];
        const which = empty.map(({ failureDomain }) => poolText(name, failureDomain));
        const fewest = Math.max(1, pool.failureDomains.length);
        return {
          at: `workers[${i}].autoscaling.capacity`,
          problem: `${listed(which)} may have no machine, and the capacity of one is not set (${capacityAnnotation("cpu")})`,
          fix: `add capacity: { cpu: 32, memory: 256Gi } with the real numbers, or write min: ${fewest}`,
        };
      }),
  }),
  defineCheck({
    id: "pools/failure-domains-known",
    summary: "Hosts of the pool are in each of its failure domains, which are named once.",
    why: "machines of a failure domain get its hosts only, and without one they wait indefinitely",
    run: (stack) =>
      stack.workers.map(({ name, failureDomains }, i) => {
        const known = new Set(
          hostsForMachines(stack, name).flatMap(({ failureDomain }) => failureDomain ?? []),
        );
        const placed = failureDomains.map((text, j) => ({ text, at: `workers[${i}].failureDomains[${j}]` }));
        const unknown = placed.filter(({ text }) => !known.has(text));
        if (unknown.length > mostUnknown)
          return {
            at: `workers[${i}].failureDomains`,
            problem: `no host of pool ${name} is in ${listed([...new Set(unknown.map(({ text }) => `"${text}"`))], mostUnknown)}`,
            fix: "add failureDomain to hosts of the pool, or remove these",
          };
        return [
          ...duplicates(placed, "remove one of the two"),
          ...unknown.map(({ at, text }) => ({
            at,
            problem: `no host of pool ${name} has failureDomain "${text}"`,
            fix:
              known.size === 0
                ? `add failureDomain: ${text} to hosts of the pool`
                : `use ${listed([...known], mostUnknown)}, or add failureDomain: ${text} to hosts of the pool`,
          })),
        ];
      }),
  }),
  defineCheck({
    id: "pools/failure-domains-complete",
    summary: "A pool that is spread over failure domains uses all of its hosts.",
    why: "a host outside of the listed failure domains never becomes a machine",
    severity: "warning",
    run: (stack) =>
      stack.hosts.flatMap(({ name, pool, failureDomain, externallyProvisioned }, i) => {
        const domains = workerPool(stack, pool)?.failureDomains ?? [];
        if (
          externallyProvisioned ||
          domains.length === 0 ||
          (failureDomain !== undefined && domains.includes(failureDomain))
        )
          return [];
        return {
          at: `hosts[${i}].failureDomain`,
          problem: `${name} is in ${failureDomain === undefined ? "no failure domain" : `"${failureDomain}"`}, and pool ${pool} is spread over ${listed(domains)}`,
          fix: `write one of them, or add the host's to the failureDomains of ${pool}`,
        };
      }),
  }),
  defineCheck({
    id: "pools/failure-domains-filled",
    summary: "A pool has a machine for each of its failure domains.",
    why: "the last of the listed failure domains get no machine",
    severity: "warning",
    run: ({ workers }) =>
      workers.flatMap((pool, i) => {
        const { most } = sizeOf(pool);
        const domains = pool.failureDomains;
        if (most === 0 || most >= domains.length) return [];
        return {
          at: `workers[${i}].failureDomains`,
          problem: `${counted(most, "machine")} for ${domains.length} failure domains: ${listed(domains.slice(most))} ${domains.length - most === 1 ? "gets" : "get"} none`,
          fix: `list ${most}, or write at least ${domains.length} machines`,
        };
      }),
  }),
];

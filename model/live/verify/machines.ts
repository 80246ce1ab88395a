import { inManagement, named as byName } from "../snapshot";
import { observationOf } from "../observation";
import { counted } from "../../text/wording";
import { type CheckResult, type Problem, judged } from "../preflight/check-result";
import { condition, isCurrent } from "../../kubernetes/condition";
import { hostStates } from "../readiness/host-state";
import { machineStates } from "../recover/machine-state";
import type { Running } from "./check";

/** Every machine serves, and none is being replaced. */
export function judgeMachines({ plan, snapshot }: Running): CheckResult {
  const states = machineStates(snapshot);
  const problems = states.flatMap(({ name, deleting, trouble }): Problem[] => {
    if (trouble === undefined) return [];
    return [
      {
        at: `Machine/${name}`,
        problem: trouble,
        fix: deleting
          ? `follow it to its end: npm run metal -- recover machine ${name} --stack ${plan.name}`
          : `npm run metal -- diagnose --stack ${plan.name}; if it stays: npm run metal -- recover machine ${name}`,
      },
    ];
  });
  return judged(counted(states.length, "machine"), problems);
}

/** No host of the inventory has an error or is kept from use. */
export function judgeHosts({ plan, snapshot }: Running): CheckResult {
  const hosts = hostStates({ ...plan.readiness, workloads: [] }, observationOf(snapshot));
  const problems = hosts.flatMap(({ name, host, error }): Problem[] => {
    const at = `BareMetalHost/${name}`;
    const fix = `npm run metal -- diagnose --stack ${plan.name}`;
    if (host === undefined) return [{ at, problem: "is planned and not there", fix: "pulumi up" }];
    if (error !== undefined)
      return [{ at, problem: `${error.type} (${error.count} times): ${error.message}`, fix }];
    const held = Object.keys(host.metadata.annotations ?? {}).find((key) =>
      /\/(unhealthy|paused|detached)$/.test(key),
    );
    if (held === undefined) return [];
    return [
      {
        at,
        problem: `is kept from use by ${held}`,
        fix: `npm run metal -- recover host ${name}, if the reason for it is gone`,
      },
    ];
  });
  return judged(counted(hosts.length, "host"), problems);
}

/** Cluster API itself calls the cluster available and settled, for the spec that it has at present. */
export function judgeCluster({ plan, snapshot }: Running): CheckResult {
  const cluster = byName(inManagement(snapshot, "clusters"), plan.name);
  const at = `Cluster/${plan.name}`;
  if (cluster === undefined) return judged("", [{ at, problem: "is not there", fix: "pulumi up makes it" }]);
  const wanted: readonly (readonly [string, string])[] = [
    ["Available", "True"],
    ...["RollingOut", "ScalingUp", "ScalingDown", "Remediating", "Paused", "Deleting"].map(
      (type) => [type, "False"] as const,
    ),
  ];
  const problems = wanted.flatMap(([type, status]): Problem[] => {
    const found = condition(cluster, type);
    const absent = found === undefined && type !== "Available";
    if (absent || (found?.status === status && isCurrent(cluster, found))) return [];
    const words =
      found === undefined ? "is not said" : `is ${found.status}: ${found.message || found.reason}`;
    return [
      {
        at,
        problem: `${type} ${words}`,
        fix: `wait until it settles; npm run metal -- diagnose --stack ${plan.name}`,
      },
    ];
  });
  return judged("Available, and no change of it under way", problems);
}

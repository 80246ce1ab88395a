import { hostsInService } from "../../stack/addressing";
import { controlPlanePool } from "../../kubernetes/labels";
import { type Check, defineCheck } from "../check";
import { machineCount, machinePools, poolMachines, poolText } from "../../plan/machines";
import { counted } from "../../text/wording";

/** Days for which kubeadm's certificates hold (kubeadm v1.36 `app/constants/constants.go`). */
const certificateDays = 365;
/** Below this a control plane is hardly replaced when it is due again. */
const leastDaysBetween = 30;

/** Checks of how machines are replaced in a rollout, and of the size of the control plane. */
export const rolloutChecks: readonly Check[] = [
  defineCheck({
    id: "etcd/member-count-odd",
    summary: "The control plane has an odd number of machines.",
    why: "an even member count adds no fault tolerance",
    run: ({ controlPlane: { replicas } }) =>
      replicas % 2 === 1
        ? []
        : {
            at: "controlPlane.replicas",
            problem: `${replicas} members tolerate as many failures as ${replicas - 1}, and Cluster API refuses them`,
            fix: `write ${replicas - 1} or ${replicas + 1}`,
          },
  }),
  defineCheck({
    id: "control-plane/upgradable",
    summary: "A control plane of fewer than three machines has a spare host for a rollout.",
    why: "below three machines a rollout needs a free host first, and without one it waits indefinitely",
    severity: "warning",
    run: (stack) => {
      const { replicas, rollout } = stack.controlPlane;
      const spare = hostsInService(stack, controlPlanePool).length - replicas;
      const workers = machineCount(stack) - replicas;
      // A machine without workers is reinstalled, not upgraded; pools/spare-host-present reports a missing spare host.
      if (replicas >= 3 || rollout.spareHost || spare !== 0 || workers === 0) return [];
      return {
        at: "controlPlane.replicas",
        problem: `${replicas} control plane machine for ${workers} workers cannot be upgraded without one more host`,
        fix: "write 3, or add a second host with pool: control-plane",
      };
    },
  }),
  defineCheck({
    id: "control-plane/renewal-ends",
    summary: "A new control plane machine is not soon due for replacement again.",
    why: "Cluster API replaces machines whose certificates end soon, and a new machine's certificates end after a year: the control plane is re-imaged again and again",
    run: ({ controlPlane: { renewCertificatesBeforeDays: days = 0 } }) =>
      certificateDays - days >= leastDaysBetween
        ? []
        : {
            at: "controlPlane.renewCertificatesBeforeDays",
            problem: `${days} days before the end of certificates that hold for ${certificateDays}: each new machine is due again after ${counted(certificateDays - days, "day")}`,
            fix: "write 30",
          },
  }),
  defineCheck({
    id: "control-plane/renewal-once-a-year",
    summary: "Control plane machines are replaced at most twice a year for their certificates.",
    why: "each replacement re-images a control plane machine, and shortly before the end of its certificates is early enough",
    severity: "warning",
    run: ({ controlPlane: { renewCertificatesBeforeDays: days = 0 } }) =>
      days <= 180 || certificateDays - days < leastDaysBetween
        ? []
        : {
            at: "controlPlane.renewCertificatesBeforeDays",
            problem: `${days} days before the end of certificates that hold for ${certificateDays}: each machine is replaced every ${certificateDays - days} days`,
            fix: "write 30",
          },
  }),
  defineCheck({
    id: "pools/spare-host-present",
    summary: "A pool that rolls out onto a spare host has one.",
    why: "such a rollout needs a free host first, and without one it waits indefinitely",
    run: (stack) =>
      poolMachines(stack).flatMap(({ at, pool, failureDomain, replicas, surge }) => {
        const hosts = hostsInService(stack, pool, failureDomain).length;
        const forced = at === "controlPlane" && replicas < 3;
        const wanted = at !== "controlPlane" || stack.controlPlane.rollout.spareHost;
        // hosts/enough-per-pool reports fewer hosts than machines, control-plane/upgradable one that is needed without spareHost.
        if (surge === 0 || !wanted || hosts !== replicas) return [];
        const domain = failureDomain === undefined ? "" : ` and failureDomain: ${failureDomain}`;
        return {
          at: `${at}.rollout.spareHost`,
          problem: `all ${hosts} hosts of pool ${poolText(pool, failureDomain)} are in use, none is spare`,
          fix: `add a host with pool: ${pool}${domain}${forced ? "" : ", or write spareHost: false"}`,
        };
      }),
  }),
  defineCheck({
    id: "pools/reuse-without-spare",
    summary: "nodeReuse is set only where a rollout returns to the same host.",
    why: "a rollout onto a spare host never returns to the old one, so nodeReuse has no effect",
    run: (stack) =>
      machinePools(stack).flatMap(({ at, nodeReuse, rollout, replicas, name }) => {
        if (!nodeReuse) return [];
        if (rollout.spareHost)
          return {
            at: `${at}.nodeReuse`,
            problem: `${at}.rollout.spareHost puts the new machine on another host than the old one`,
            fix: `remove one of ${at}.nodeReuse and ${at}.rollout.spareHost`,
          };
        // Cluster API accepts maxSurge 0 from three members on (v1.14 controlplane/kubeadm/webhooks/admission/kubeadmcontrolplane.go).
        if (at !== "controlPlane" || replicas >= 3) return [];
        return {
          at: `${at}.nodeReuse`,
          problem: `a ${name} of ${replicas} can be rolled out onto a spare host only`,
          fix: "remove it, or use 3 control plane machines",
        };
      }),
  }),
  defineCheck({
    id: "pools/reuse-cleaning-uniform",
    summary: "All hosts of a pool with nodeReuse have the same cleaning mode.",
    why: "nodeReuse returns a machine to its disks, and some hosts of the pool would wipe them first",
    severity: "warning",
    run: (stack) =>
      machinePools(stack).flatMap(({ at, name, nodeReuse }) => {
        const hosts = hostsInService(stack, name);
        const wiped = hosts.filter(({ cleaning }) => cleaning === "metadata");
        if (!nodeReuse || wiped.length === 0 || wiped.length === hosts.length) return [];
        return {
          at: `${at}.nodeReuse`,
          problem: `an upgrade wipes ${wiped.map((host) => host.name).join(", ")} and leaves the disks of the pool's other hosts`,
          fix: "give all hosts of the pool the same cleaning",
        };
      }),
  }),
  defineCheck({
    id: "pools/drain-ends",
    summary: "Draining a node has a time limit.",
    why: "without one a single disruption budget that allows no eviction blocks a rollout indefinitely, without any message",
    severity: "warning",
    run: (stack) =>
      machinePools(stack).flatMap(({ at, drainTimeoutSeconds }) =>
        drainTimeoutSeconds > 0
          ? []
          : {
              at: `${at}.drainTimeoutSeconds`,
              problem: "0 does not mean immediately: it disables the time limit of draining",
              fix: "write 900",
            },
      ),
  }),
];

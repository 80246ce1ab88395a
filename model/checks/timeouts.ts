import { stackSchema } from "../stack/schema";
import { type Check, defineCheck } from "./check";
import { machineCount, machinePools } from "../plan/machines";
import { counted } from "../text/wording";

/** Minutes that a server usually takes; hosts are inspected in parallel, control plane machines are created in turn. */
const [inspection, firstMachine, eachFurther] = [20, 25, 15] as const;

/** Machines are drained, powered off and wiped; CAPM3's tests allow 40 to 90 minutes (test/e2e/config/e2e_conf.yaml). */
const leastDelete = 40;

/** The chart restarts two agents at a time; each takes about a minute until it is ready. */
const agentsPerMinute = 2;

/** Checks of how long the program waits. */
export const timeoutChecks: readonly Check[] = [
  defineCheck({
    id: "timeouts/ready-covers-joins",
    summary: "timeouts.ready covers provisioning all control plane machines.",
    why: "the update times out while the last control plane machine is still being provisioned, although nothing is wrong",
    run: ({ controlPlane: { replicas }, timeouts: { ready } }) => {
      const needed = inspection + firstMachine + eachFurther * (replicas - 1);
      if (ready >= needed) return [];
      return {
        at: "timeouts.ready",
        problem: `${ready} minutes are less than ${counted(replicas, "control plane machine")} usually take: ${needed}`,
        fix: `write ${Math.max(120, needed)}`,
      };
    },
  }),
  defineCheck({
    id: "timeouts/ready-covers-startup",
    summary: "timeouts.ready covers the startup timeout of the health checks.",
    why: "the update times out first, and the health check replaces the machine later, unattended",
    severity: "warning",
    run: (stack) =>
      machinePools(stack).flatMap(({ at, healthCheck: { enabled, nodeStartupTimeoutSeconds: seconds } }) =>
        !enabled || stack.timeouts.ready * 60 >= seconds
          ? []
          : {
              at: `${at}.healthCheck.nodeStartupTimeoutSeconds`,
              problem: `${seconds} s are longer than timeouts.ready, ${stack.timeouts.ready} minutes`,
              fix: `write timeouts.ready: ${Math.ceil(seconds / 60)}, or a startup timeout of ${stack.timeouts.ready * 60}`,
            },
      ),
  }),
  defineCheck({
    id: "timeouts/delete-covers-cleaning",
    summary: "timeouts.delete covers releasing and wiping servers.",
    why: "destroy ends in the middle of wiping, and the hosts are only half released",
    run: ({ timeouts: { delete: minutes } }) =>
      minutes >= leastDelete
        ? []
        : {
            at: "timeouts.delete",
            problem: `${minutes} minutes are not enough to release and wipe servers`,
            fix: "write 90",
          },
  }),
  defineCheck({
    id: "timeouts/bgp-covers-retry",
    summary: "timeouts.bgp covers a retry of the session.",
    why: "a session that fails once, as is common while nodes boot, is retried only after the timeout",
    run: ({ bgp, timeouts }) =>
      (bgp?.instances ?? []).flatMap(({ peers }, i) =>
        peers.flatMap(({ connectRetryTimeSeconds: seconds }, j) =>
          // The agent randomizes retries up to twice the time.
          seconds * 2 <= timeouts.bgp * 60
            ? []
            : {
                at: `bgp.instances[${i}].peers[${j}].connectRetryTimeSeconds`,
                problem: `the next attempt may come after ${seconds * 2} s, timeouts.bgp is ${timeouts.bgp} minutes`,
                fix: "write 5, or a longer timeouts.bgp",
              },
        ),
      ),
  }),
  defineCheck({
    id: "timeouts/rollout-covers-nodes",
    summary: "timeouts.rollout covers restarting the agents of all nodes.",
    why: "a Cilium upgrade is reported as failed while it is still proceeding from node to node",
    severity: "warning",
    run: (stack) => {
      const nodes = machineCount(stack);
      const needed = Math.ceil(nodes / agentsPerMinute);
      if (stack.cilium.lifecycle !== "pulumi" || stack.timeouts.rollout >= needed) return [];
      return {
        at: "timeouts.rollout",
        problem: `${nodes} nodes, two at a time, take about ${needed} minutes, more than ${stack.timeouts.rollout}`,
        fix: `write ${needed}`,
      };
    },
  }),
  defineCheck({
    id: "lifecycle/rollout-timeout-used",
    summary: "timeouts.rollout is set only where the stack waits for Cilium's rollout.",
    why: "only a stack with lifecycle: pulumi waits for Cilium's rollout, so the timeout has no effect",
    severity: "warning",
    run: ({ cilium: { lifecycle }, timeouts: { rollout } }) =>
      lifecycle === "pulumi" || rollout === stackSchema.shape.timeouts.parse(undefined).rollout
        ? []
        : {
            at: "timeouts.rollout",
            problem: `timeouts.rollout: ${rollout} has no effect with cilium.lifecycle ${lifecycle}`,
            fix: "remove it, or write lifecycle: pulumi",
          },
  }),
];

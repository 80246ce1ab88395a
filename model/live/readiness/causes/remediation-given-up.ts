import { clusterRule } from "../cause";
import { conditionIs } from "../../../kubernetes/condition";
import { unhealthyMarks } from "../host-claim";

/**
 * Reboots did not bring a machine back. CAPM3 marks its host and reports that in a condition which no supported release of
 * Cluster API reads (health/reboots-replace), so that nothing replaces the machine.
 */
export const remediationGivenUp = clusterRule({
  id: "machines/remediation-given-up",
  why: "After its last reboot Metal3 marks the host and leaves the machine as it is, and Cluster API does not replace it.",
  // A remediation marks the host a moment before its machine is deleted, where that happens.
  graceSeconds: 30,
  find: ({ hosts, plan }) =>
    hosts.flatMap(({ name, host, machine, node }) => {
      const [mark] = unhealthyMarks(host);
      if (mark === undefined || machine === undefined || conditionIs(node, "Ready", "True")) return [];
      if (machine.metadata.deletionTimestamp !== undefined) return [];
      const is = node === undefined ? "has no node" : `has node ${node.metadata.name}, which is not Ready`;
      return [
        {
          object: `Machine/${machine.metadata.name}`,
          who: name,
          problem: `reboots did not help machine ${machine.metadata.name}, and nothing replaces it`,
          evidence: `host ${name} has the annotation ${mark}, and its machine ${is}`,
          fix: `npm run metal -- recover machine ${machine.metadata.name} --stack ${plan.cluster}`,
        },
      ];
    }),
});

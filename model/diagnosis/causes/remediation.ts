import { inManagement, inWorkload, named } from "../../live/snapshot";
import { text } from "../../kubernetes/object";
import { hasGivenUp, isOrphaned, remediatedMachine } from "../../recover/remediation";
import { conditionIs } from "../../readiness/condition";
import { type DiagnosisRule, type Symptom, about, sinceTime, wasRead } from "../case";

/** Reboots did not bring a machine back, and no supported release of Metal3 has it replaced then. */
export const remediationGivenUp: DiagnosisRule = {
  id: "machines/remediation-given-up",
  why: "After its last reboot Metal3 marks the host and leaves the machine as it is; Cluster API does not read the condition by which Metal3 reports it.",
  fix: "npm run metal -- recover machine NAME; write healthCheck.reboots: 0 to have Cluster API replace such machines",
  find: ({ snapshot }) =>
    inManagement(snapshot, "remediations").flatMap((remediation): readonly Symptom[] => {
      const machine = named(inManagement(snapshot, "machines"), remediatedMachine(remediation));
      if (machine === undefined || machine.metadata.deletionTimestamp !== undefined) return [];
      const node = named(inWorkload(snapshot, "nodes"), text(machine, "status", "nodeRef", "name"));
      if (!hasGivenUp(remediation) || conditionIs(node, "Ready", "True")) return [];
      const { name } = machine.metadata;
      return [
        {
          ...about(machine),
          ...sinceTime(text(remediation, "status", "lastRemediated")),
          problem: `reboots did not help machine ${name}, and nothing replaces it`,
          evidence: `Metal3Remediation ${remediation.metadata.name} is in phase "${text(remediation, "status", "phase") ?? ""}"`,
          fix: "replace the machine; where its host is marked and no other is free, that command names the host to repair",
          command: `npm run metal -- recover machine ${name} --stack ${snapshot.cluster}`,
        },
      ];
    }),
};

/** What a remediation left whose machine went while it ran. */
export const remediationOrphaned: DiagnosisRule = {
  id: "machines/remediation-orphaned",
  why: "Metal3 looks for its machine in vain and never takes its finalizer away, which holds nothing up but the deletion of the namespace.",
  fix: "nothing: the next recover and the end of pulumi destroy remove it",
  find: (at) => {
    const { snapshot } = at;
    if (!wasRead(at, "machines", "remediations")) return [];
    return inManagement(snapshot, "remediations")
      .filter((remediation) => isOrphaned(remediation, inManagement(snapshot, "machines")))
      .map((remediation) => ({
        ...about(remediation),
        problem: `Metal3Remediation ${remediation.metadata.name} is left of a remediation that is over`,
        evidence: `its finalizers are ${(remediation.metadata.finalizers ?? []).join(", ")}, phase "${text(remediation, "status", "phase") ?? ""}"`,
        fix: "nothing: the next recover and the end of pulumi destroy remove it",
        command: `kubectl -n ${snapshot.namespace} get metal3remediation ${remediation.metadata.name} -o yaml`,
      }));
  },
};

import { inManagement } from "../../snapshot";
import { text } from "../../../kubernetes/object";
import { isOrphaned } from "../../recover/remediation";
import { type DiagnosisRule, about, wasRead } from "../case";

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

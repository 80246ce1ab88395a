import { field, selects, text } from "../../../kubernetes/object";
import { inManagement, named } from "../../snapshot";
import { bindingEntries, unapplied } from "../../readiness/cluster-assessment";
import { condition } from "../../../kubernetes/condition";
import { type DiagnosisCase, type DiagnosisRule, type Symptom, about, isOlder, sinceTime } from "../case";
import { isInitialised } from "./control-plane";

const setOf = ({ snapshot, plan }: DiagnosisCase) =>
  named(inManagement(snapshot, "resourceSets"), plan.resourceSet.name);

/** The controller has tried, and the workload cluster did not take what it brought. */
export const applyFailed: DiagnosisRule = {
  id: "resource-set/apply-failed",
  why: "The whole payload is tried again until each of its objects is taken; one that is refused holds up its neighbours.",
  fix: "correct what the message names, then pulumi up; npm run metal -- render shows the payload",
  find(at) {
    const set = setOf(at);
    const says = condition(set, "ResourcesApplied");
    if (set === undefined || says?.status !== "False" || says.reason === "WrongSecretType") return [];
    if (unapplied(at.plan, at.observation).length === 0 || !isInitialised(at)) return [];
    if (!isOlder(says.lastTransitionTime, 1, at.now)) return [];
    return [
      {
        ...about(set),
        ...sinceTime(says.lastTransitionTime),
        problem: "the resource set cannot apply its payload to the workload cluster",
        evidence: `ResourcesApplied=False ${says.reason}: "${says.message}"`,
        fix: "correct what the message names, then pulumi up",
        command: `npm run metal -- render --stack ${at.snapshot.cluster}`,
      },
    ];
  },
};

/** Nobody works on the resource set. */
export const resourceSetSilent: DiagnosisRule = {
  id: "resource-set/controller-silent",
  why: "Within a minute of the first API server the controller writes a condition; without one it does not run.",
  fix: "enable the ClusterResourceSet controller of Cluster API and look at its logs",
  find(at) {
    const set = setOf(at);
    if (set === undefined || condition(set, "ResourcesApplied") !== undefined) return [];
    if (unapplied(at.plan, at.observation).length === 0 || !isInitialised(at)) return [];
    if (!isOlder(set.metadata.creationTimestamp, 2, at.now)) return [];
    // One that does not select the cluster has no condition either; that is another cause.
    const cluster = named(inManagement(at.snapshot, "clusters"), at.plan.cluster);
    if (!selects(field(set, "spec", "clusterSelector"), cluster?.metadata.labels)) return [];
    return [
      {
        ...about(set),
        certainty: "likely",
        problem: "no controller works on the resource set",
        evidence: "the control plane is initialised, and the resource set has no condition at all",
        fix: "enable the ClusterResourceSet controller of Cluster API and look at its logs",
        command: "kubectl -n capi-system logs deployment/capi-controller-manager",
      },
    ];
  },
};

/** The payload has changed since it was applied, and is never applied again. */
export const payloadChanged: DiagnosisRule = {
  id: "resource-set/payload-changed",
  why: "Strategy ApplyOnce never brings a changed payload to a cluster that has the old one.",
  fix: "let Pulumi own Cilium: cilium.lifecycle: pulumi, then pulumi up",
  find(at) {
    const hashes = at.snapshot.management.payloadHashes ?? {};
    // With another lifecycle somebody else brings the change.
    if (at.cilium.lifecycle !== "bootstrap-only") return [];
    return bindingEntries(at.plan, at.observation).flatMap((entry): readonly Symptom[] => {
      const name = text(entry, "name") ?? "";
      const applied = text(entry, "hash");
      const present = hashes[name];
      if (applied === undefined || present === undefined || applied === present) return [];
      return [
        {
          object: `${text(entry, "kind") ?? "ConfigMap"}/${name}`,
          who: at.plan.cluster,
          problem: `${name} has changed since it was applied, and the change never reaches the cluster`,
          evidence: `applied ${applied.slice(0, 19)}..., present ${present.slice(0, 19)}...`,
          fix: "let Pulumi own Cilium: cilium.lifecycle: pulumi, then pulumi up",
          command: `npm run metal -- render --stack ${at.snapshot.cluster}`,
        },
      ];
    });
  },
};

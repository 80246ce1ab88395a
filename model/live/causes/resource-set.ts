import { selects } from "../../kubernetes/object";
import { condition, conditionIs, isCurrent } from "../../kubernetes/condition";
import { bindingEntries, unapplied } from "../readiness/cluster-assessment";
import { inManagement, named } from "../snapshot";
import {
  type CauseRule,
  type DiagnosisCase,
  about,
  clusterCause,
  conditionText,
  isInitialised,
  isOlder,
  sinceTime,
} from "./cause";

const setOf = ({ snapshot, plan }: DiagnosisCase) =>
  named(inManagement(snapshot, "resourceSets"), plan.resourceSet.name);

const recreate = "run pulumi refresh, then pulumi up: the stack creates it again";

/** Causes in the ClusterResourceSet that brings Cilium to the cluster. */
export const resourceSetCauses: readonly CauseRule[] = [
  clusterCause({
    id: "resource-set/payload-missing",
    summary: "A payload of the resource set does not exist or was not applied.",
    why: "The controller skips a missing ConfigMap or Secret without an error, reports Applied, and does not look again.",
    fix: recreate,
    // Payload, resource set and binding are written one after the other and seen through different watches.
    graceSeconds: 20,
    find({ snapshot, plan }) {
      const { payloads, secrets, resourceSets } = snapshot.management.parts;
      if (resourceSets.objects === undefined) return [];
      const set = named(inManagement(snapshot, "resourceSets"), plan.resourceSet.name);
      const isApplied = conditionIs(set, "ResourcesApplied", "True");
      return unapplied(plan, snapshot).flatMap((name) => {
        const [kind = "", payload] = name.split("/");
        const { objects } = kind === "Secret" ? secrets : payloads;
        if (objects === undefined) return [];
        const entry = bindingEntries(plan, snapshot).find(
          (candidate) => `${candidate.kind}/${candidate.name}` === name,
        );
        const absent = named(objects, payload) === undefined;
        if (!absent && !(isApplied && entry === undefined)) return [];
        return [
          {
            object: name,
            who: plan.cluster,
            problem: absent
              ? `${name} does not exist, so resource set ${plan.resourceSet.name} cannot apply it`
              : `resource set ${plan.resourceSet.name} reports that it is applied, but has not applied ${name}`,
            evidence: absent
              ? `namespace ${plan.namespace} has no ${kind} of that name; ResourcesApplied=${isApplied ? "True" : "not True"}`
              : `ResourcesApplied=True, and ClusterResourceSetBinding/${plan.cluster} has no entry for it`,
          },
        ];
      });
    },
  }),
  clusterCause({
    id: "resource-set/payload-wrong-type",
    summary: "A Secret of the resource set has a type that the controller does not accept.",
    why: "A Secret's type cannot change, so the controller refuses it at every try.",
    fix: "delete that Secret and run pulumi up: it must have type addons.cluster.x-k8s.io/resource-set",
    graceSeconds: 20,
    find({ snapshot, plan }) {
      const set = named(inManagement(snapshot, "resourceSets"), plan.resourceSet.name);
      const found = condition(set, "ResourcesApplied");
      if (set === undefined || found?.reason !== "WrongSecretType" || !isCurrent(set, found)) return [];
      return [
        {
          ...about(set, plan.cluster),
          problem: "a Secret of the resource set has the wrong type",
          evidence: conditionText(found),
        },
      ];
    },
  }),
  clusterCause({
    id: "resource-set/cluster-not-selected",
    summary: "The resource set does not exist or does not select the cluster.",
    why: "A resource set that does not select the cluster never applies anything to it, and shows no condition at all.",
    fix: recreate,
    graceSeconds: 20,
    find({ snapshot, plan }) {
      const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
      if (cluster === undefined || snapshot.management.parts.resourceSets.objects === undefined) return [];
      if (unapplied(plan, snapshot).length === 0) return [];
      const set = named(inManagement(snapshot, "resourceSets"), plan.resourceSet.name);
      const selector = set?.spec?.clusterSelector;
      if (set !== undefined && selects(selector, cluster.metadata.labels)) return [];
      return [
        {
          object: `ClusterResourceSet/${plan.resourceSet.name}`,
          who: plan.cluster,
          ...(set === undefined
            ? {
                problem: "the ClusterResourceSet does not exist",
                evidence: `namespace ${plan.namespace} has no ClusterResourceSet "${plan.resourceSet.name}"`,
              }
            : {
                problem: `the resource set does not select Cluster ${plan.cluster}`,
                evidence: `clusterSelector ${JSON.stringify(selector)}, labels ${JSON.stringify(cluster.metadata.labels ?? {})}`,
                fix: "give the Cluster the labels of the selector; the selector itself cannot change",
              }),
        },
      ];
    },
  }),
  {
    id: "resource-set/controller-silent",
    summary: "No controller reconciles the resource set.",
    why: "The controller writes a condition within a minute of the first API server; without one it does not run.",
    fix: "enable the ClusterResourceSet controller of Cluster API and check its logs",
    find(at) {
      const set = setOf(at);
      if (set === undefined || condition(set, "ResourcesApplied") !== undefined) return [];
      if (unapplied(at.plan, at.snapshot).length === 0 || !isInitialised(at)) return [];
      if (!isOlder(set.metadata.creationTimestamp, 2, at.now)) return [];
      // One that does not select the cluster has no condition either: resource-set/cluster-not-selected.
      const cluster = named(inManagement(at.snapshot, "clusters"), at.plan.cluster);
      if (!selects(set.spec?.clusterSelector, cluster?.metadata.labels)) return [];
      return [
        {
          ...about(set),
          certainty: "likely",
          problem: "no controller reconciles the resource set",
          evidence: "the control plane is initialised, and the resource set has no condition at all",
          command: "kubectl -n capi-system logs deployment/capi-controller-manager",
        },
      ];
    },
  },
  {
    id: "resource-set/apply-failed",
    summary: "The workload cluster does not accept the payload of the resource set.",
    why: "The whole payload is tried again until each of its objects is accepted; one that is refused delays the others.",
    fix: "correct what the message names, then pulumi up; npm run metal -- render shows the payload",
    find(at) {
      const set = setOf(at);
      const found = condition(set, "ResourcesApplied");
      if (set === undefined || found?.status !== "False" || found.reason === "WrongSecretType") return [];
      if (unapplied(at.plan, at.snapshot).length === 0 || !isInitialised(at)) return [];
      if (!isOlder(found.lastTransitionTime, 1, at.now)) return [];
      return [
        {
          ...about(set),
          ...sinceTime(found.lastTransitionTime),
          problem: "the resource set cannot apply its payload to the workload cluster",
          evidence: conditionText(found),
          command: `npm run metal -- render --stack ${at.snapshot.cluster}`,
        },
      ];
    },
  },
];

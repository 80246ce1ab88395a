import type { ContractReference } from "../../kubernetes/cluster-api";
import type { KubernetesObject } from "../../kubernetes/object";
import { type ManagementPart, belongsTo, inManagement, named } from "../snapshot";
import { type CauseRule, type DiagnosisCase, type Symptom, about, isOlder, wasRead } from "./cause";

const pausable: readonly ManagementPart[] = [
  "controlPlanes",
  "machineDeployments",
  "machineSets",
  "machines",
  "metal3Clusters",
  "metal3Machines",
];

const recreate = "pulumi refresh && pulumi up";

interface Reference {
  readonly from: KubernetesObject;
  readonly part: ManagementPart;
  readonly kind: string;
  readonly name: string | undefined;
}

/** Every template that a live object refers to. */
function references({ snapshot, plan }: DiagnosisCase): readonly Reference[] {
  const infrastructure = (from: KubernetesObject, to: ContractReference | undefined): Reference => ({
    from,
    part: "machineTemplates",
    kind: "Metal3MachineTemplate",
    name: to?.name,
  });
  return [
    ...inManagement(snapshot, "controlPlanes").map((from) =>
      infrastructure(from, from.spec?.machineTemplate?.spec?.infrastructureRef),
    ),
    ...inManagement(snapshot, "machineDeployments").flatMap((from): Reference[] => [
      infrastructure(from, from.spec?.template?.spec?.infrastructureRef),
      {
        from,
        part: "bootstrapTemplates",
        kind: "KubeadmConfigTemplate",
        name: from.spec?.template?.spec?.bootstrap?.configRef?.name,
      },
    ]),
    ...inManagement(snapshot, "machineTemplates")
      .filter((from) => belongsTo(plan.cluster, from))
      .map((from): Reference => ({
        from,
        part: "dataTemplates",
        kind: "Metal3DataTemplate",
        name: from.spec?.template?.spec?.dataTemplate?.name,
      })),
  ];
}

/** Causes in the Cluster and the objects that it is made of. */
export const clusterCauses: readonly CauseRule[] = [
  {
    id: "cluster/not-reconciled",
    summary: "The Cluster object is absent, being deleted or paused.",
    why: "Controllers do nothing for a Cluster that is absent, being deleted or paused.",
    fix: "run pulumi refresh, then pulumi up",
    // Pauses of clusterctl move and of maintenance scripts are short.
    graceSeconds: 60,
    find({ plan, snapshot }) {
      if (snapshot.management.parts.clusters.objects === undefined) return [];
      const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
      const found = (problem: string, evidence: string, fix?: string): readonly Symptom[] => [
        {
          object: `Cluster/${plan.cluster}`,
          who: plan.cluster,
          problem,
          evidence,
          ...(fix === undefined ? {} : { fix }),
        },
      ];
      if (cluster === undefined)
        return found(
          "the Cluster object does not exist",
          `namespace ${plan.namespace} has no Cluster "${plan.cluster}"`,
        );
      if (cluster.metadata.deletionTimestamp !== undefined)
        return found(
          "the Cluster is being deleted",
          `deletionTimestamp ${cluster.metadata.deletionTimestamp}`,
          "wait until it is gone, then run pulumi refresh and pulumi up",
        );
      return cluster.spec?.paused === true
        ? found(
            "the Cluster is paused, so nothing is reconciled",
            "spec.paused is true",
            "end the pause (spec.paused: false), then run pulumi up again",
          )
        : [];
    },
  },
  {
    id: "cluster/part-missing",
    summary: "The Cluster's Metal3Cluster or KubeadmControlPlane does not exist.",
    why: "A Cluster whose Metal3Cluster or KubeadmControlPlane is gone is neither built nor deleted.",
    fix: "run pulumi refresh, then pulumi up: the stack creates it again",
    find(at) {
      const { snapshot, plan } = at;
      const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
      if (cluster === undefined) return [];
      const parts = [
        ["metal3Clusters", "infrastructureRef"],
        ["controlPlanes", "controlPlaneRef"],
      ] as const;
      return parts.flatMap(([part, reference]): readonly Symptom[] => {
        const { kind, name } = cluster.spec?.[reference] ?? { kind: part, name: plan.cluster };
        // Of these parts only the object that has the cluster's name is read.
        if (
          name !== plan.cluster ||
          !wasRead(at, part) ||
          named(inManagement(snapshot, part), name) !== undefined
        )
          return [];
        return [
          {
            ...about(cluster),
            problem: `${kind} ${name} does not exist`,
            evidence: `Cluster ${plan.cluster} refers to it in spec.${reference}`,
            command: recreate,
          },
        ];
      });
    },
  },
  {
    id: "cluster/template-missing",
    summary: "A template that an object refers to does not exist.",
    why: "Without its template no machine can be created, and a rollout stops where it is.",
    fix: "run pulumi refresh, then pulumi up: the stack creates it again under the same name",
    find: (at) =>
      references(at)
        .filter(({ part, name }) => name !== undefined && wasRead(at, part))
        .filter(({ part, name }) => named(inManagement(at.snapshot, part), name) === undefined)
        .map(({ from, kind, name }) => ({
          ...about(from),
          problem: `${kind} ${name ?? ""} does not exist`,
          evidence: `${from.kind} ${from.metadata.name} refers to it`,
          command: recreate,
        })),
  },
  {
    id: "cluster/object-paused",
    summary: "An object of the cluster has the pause annotation.",
    why: "No controller reconciles an object that has the pause annotation.",
    fix: "remove annotation cluster.x-k8s.io/paused from the object once the maintenance is over",
    find: ({ snapshot }) =>
      pausable
        .flatMap((part) => inManagement(snapshot, part))
        .filter(({ metadata }) => "cluster.x-k8s.io/paused" in (metadata.annotations ?? {}))
        .map((object) => ({
          ...about(object),
          problem: `${object.kind} ${object.metadata.name} is paused`,
          evidence: "annotation cluster.x-k8s.io/paused is set",
          command: `kubectl -n ${snapshot.namespace} annotate ${object.kind.toLowerCase()} ${object.metadata.name} cluster.x-k8s.io/paused-`,
        })),
  },
  {
    id: "cluster/controller-silent",
    summary: "A controller has not observed the latest generation of its object.",
    why: "A change that no controller has observed has no effect; the controller is down or hangs.",
    fix: "check the logs of the provider's controller, and restart it",
    find: ({ snapshot, now }) =>
      (["clusters", "controlPlanes", "machineDeployments"] as const)
        .flatMap((part) => inManagement(snapshot, part))
        .filter((object) => isOlder(object.metadata.creationTimestamp, 2, now))
        .filter((object) => object.kind !== "Cluster" || object.spec?.paused !== true)
        .filter((object) => (object.status?.observedGeneration ?? 0) < (object.metadata.generation ?? 0))
        .map((object) => ({
          ...about(object),
          certainty: "likely" as const,
          problem: `the controller of ${object.kind} has not observed the latest ${object.metadata.name}`,
          evidence: `generation ${object.metadata.generation ?? 0}, observed ${object.status?.observedGeneration ?? "none"}`,
          command: "kubectl get pods -A -l cluster.x-k8s.io/provider",
        })),
  },
];

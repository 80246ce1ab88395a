import { type KubernetesObject, field, number, text } from "../../../kubernetes/object";
import { type ManagementPart, inManagement, named } from "../../snapshot";
import { type DiagnosisCase, type DiagnosisRule, type Symptom, about, isOlder, wasRead } from "../case";

const pausable: readonly ManagementPart[] = [
  "controlPlanes",
  "machineDeployments",
  "machineSets",
  "machines",
  "metal3Clusters",
  "metal3Machines",
];

/** One object is paused by its annotation. */
export const objectPaused: DiagnosisRule = {
  id: "cluster/object-paused",
  why: "No controller touches an object that carries the pause annotation, however long anybody waits.",
  fix: "remove annotation cluster.x-k8s.io/paused from the object",
  find: ({ snapshot }) =>
    pausable
      .flatMap((part) => inManagement(snapshot, part))
      .filter(({ metadata }) => "cluster.x-k8s.io/paused" in (metadata.annotations ?? {}))
      .map((object) => ({
        ...about(object),
        problem: `${object.kind} ${object.metadata.name} is paused`,
        evidence: "annotation cluster.x-k8s.io/paused is set",
        fix: "remove the annotation once whoever set it is done",
        command: `kubectl -n ${snapshot.namespace} annotate ${object.kind.toLowerCase()} ${object.metadata.name} cluster.x-k8s.io/paused-`,
      })),
};

interface Reference {
  readonly from: KubernetesObject;
  readonly part: ManagementPart;
  readonly kind: string;
  readonly name: string | undefined;
}

/** Every template that a living object refers to. */
function references({ snapshot }: DiagnosisCase): readonly Reference[] {
  const infrastructure = (from: KubernetesObject, ...path: string[]): Reference => ({
    from,
    part: "machineTemplates",
    kind: "Metal3MachineTemplate",
    name: text(from, ...path, "infrastructureRef", "name"),
  });
  return [
    ...inManagement(snapshot, "controlPlanes").map((from) =>
      infrastructure(from, "spec", "machineTemplate", "spec"),
    ),
    ...inManagement(snapshot, "machineDeployments").flatMap((from): Reference[] => [
      infrastructure(from, "spec", "template", "spec"),
      {
        from,
        part: "bootstrapTemplates",
        kind: "KubeadmConfigTemplate",
        name: text(from, "spec", "template", "spec", "bootstrap", "configRef", "name"),
      },
    ]),
    ...inManagement(snapshot, "machineTemplates").map((from): Reference => ({
      from,
      part: "dataTemplates",
      kind: "Metal3DataTemplate",
      name: text(from, "spec", "template", "spec", "dataTemplate", "name"),
    })),
  ];
}

/** A template that somebody refers to is not there. */
export const templateMissing: DiagnosisRule = {
  id: "cluster/template-missing",
  why: "Without its template no machine can be made, and a rollout stops where it is.",
  fix: "run pulumi refresh, then pulumi up: the stack creates it again under the same name",
  find: (at) =>
    references(at)
      .filter(({ part, name }) => name !== undefined && wasRead(at, part))
      .filter(({ part, name }) => named(inManagement(at.snapshot, part), name) === undefined)
      .map(({ from, kind, name }) => ({
        ...about(from),
        problem: `${kind} ${name ?? ""} does not exist`,
        evidence: `${from.kind} ${from.metadata.name} refers to it`,
        fix: "run pulumi refresh, then pulumi up: the stack creates it again under the same name",
        command: "pulumi refresh && pulumi up",
      })),
};

/** The Cluster's infrastructure or control plane object is not there. */
export const partMissing: DiagnosisRule = {
  id: "cluster/part-missing",
  why: "A Cluster whose Metal3Cluster or KubeadmControlPlane is gone is neither built nor deleted.",
  fix: "run pulumi refresh, then pulumi up",
  find(at) {
    const { snapshot, plan } = at;
    const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
    if (cluster === undefined) return [];
    const parts: readonly (readonly [ManagementPart, string])[] = [
      ["metal3Clusters", "infrastructureRef"],
      ["controlPlanes", "controlPlaneRef"],
    ];
    return parts.flatMap(([part, reference]): readonly Symptom[] => {
      const kind = text(cluster, "spec", reference, "kind") ?? part;
      const name = text(cluster, "spec", reference, "name") ?? plan.cluster;
      if (!wasRead(at, part) || named(inManagement(snapshot, part), name) !== undefined) return [];
      return [
        {
          ...about(cluster),
          problem: `${kind} ${name} does not exist`,
          evidence: `Cluster ${plan.cluster} refers to it in spec.${reference}`,
          fix: "run pulumi refresh, then pulumi up: the stack creates it again",
          command: "pulumi refresh && pulumi up",
        },
      ];
    });
  },
};

/** Nobody has looked at the newest spec of an object. */
export const controllerSilent: DiagnosisRule = {
  id: "cluster/controller-silent",
  why: "A change that no controller has seen has no effect; the controller is down or hangs.",
  fix: "look at the logs of the provider's controller, and start it again",
  find: ({ snapshot, now }) =>
    (["clusters", "controlPlanes", "machineDeployments"] as const)
      .flatMap((part) => inManagement(snapshot, part))
      .filter((object) => isOlder(object.metadata.creationTimestamp, 2, now))
      .filter((object) => field(object, "spec", "paused") !== true)
      .filter(
        (object) => (number(object, "status", "observedGeneration") ?? 0) < (object.metadata.generation ?? 0),
      )
      .map((object) => ({
        ...about(object),
        certainty: "likely" as const,
        problem: `the controller of ${object.kind} has not seen the newest ${object.metadata.name}`,
        evidence: `generation ${object.metadata.generation ?? 0}, observed ${number(object, "status", "observedGeneration") ?? "none"}`,
        fix: "look at the controller's logs, and start it again",
        command: "kubectl get pods -A -l cluster.x-k8s.io/provider",
      })),
};

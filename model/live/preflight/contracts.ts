import type { KubernetesObject } from "../../kubernetes/object";
import { type Judgement, type Objection, judged } from "./judgement";

const contract = "v1beta2";

/**
 * Each kind that Cluster API refers to by group and name carries the label of the contract that we write. `definitions`
 * are the CustomResourceDefinitions' metadata, `kinds` the planned ones as `plural.group`.
 */
export function judgeContracts(
  definitions: readonly KubernetesObject[],
  kinds: readonly string[],
): Judgement {
  const label = `cluster.x-k8s.io/${contract}`;
  const objections = kinds.flatMap((kind): Objection[] => {
    const definition = definitions.find(({ metadata }) => metadata.name === kind);
    const labels = definition?.metadata.labels ?? {};
    if (definition === undefined || (labels[label] ?? "").split("_").includes(contract)) return [];
    const others = Object.keys(labels).flatMap((key) => /^cluster\.x-k8s\.io\/(v1\w+)$/.exec(key)?.[1] ?? []);
    const has = others.length === 0 ? "none" : `only ${others.join(", ")}`;
    return [
      {
        at: "management.context",
        problem: `the CRD ${kind} must implement the Cluster API contract ${contract}, its labels name ${has}`,
        fix: "upgrade that provider (clusterctl upgrade apply); a CRD installed by hand lacks the label",
      },
    ];
  });
  const absent = kinds.filter((kind) => !definitions.some(({ metadata }) => metadata.name === kind));
  const untold = absent.length === 0 ? [] : [`no CRD object was found for ${absent.join(", ")}`];
  return judged(`contract ${contract} on ${kinds.join(", ")}`, objections, untold);
}

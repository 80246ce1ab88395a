import { fieldsOfMetal3 } from "../plan/manifests/hosts";
import type { KubernetesObject } from "../kubernetes/object";
import { type PlannedAndLive, differences } from "../live/differences";
import type { Drift, ObjectChange } from "./change";
import { configOf } from "./cilium";
import { fieldChangesAt } from "./fields";
import { objectChange } from "./objects";
import { settingChanges } from "./settings";
import { type Words, plainWords } from "./formatted-text";

/** What was read of one cluster, or why nothing was. */
export interface ClusterReading {
  readonly cluster: "management" | "workload";
  readonly objects: readonly PlannedAndLive[];
  readonly unknown: readonly Words[];
}

/** What runs in another way than it was planned. Only planned fields count: the rest belongs to controllers. */
export function driftOf(readings: readonly ClusterReading[]): Drift {
  const workload = readings.flatMap(({ cluster, objects }) => (cluster === "workload" ? objects : []));
  const running = workload.flatMap(({ live }) => live ?? []);
  const hasConfig = running.some(isConfig);
  return {
    compared: readings.reduce((sum, { objects }) => sum + objects.length, 0),
    objects: readings.flatMap(({ cluster, objects }) =>
      objects.flatMap((pair) => difference(pair).map((change) => ({ ...change, cluster }))),
    ),
    settings: hasConfig
      ? settingChanges(configOf(workload.map(({ planned }) => planned)), configOf(running))
      : [],
    unknown: readings.flatMap(({ unknown }) => unknown),
  };
}

/** Whether there was anything to compare with. */
export function isUntold({ compared, unknown }: Drift): boolean {
  return compared === 0 && unknown.length > 0;
}

const isConfig = ({ kind, metadata }: KubernetesObject) =>
  kind === "ConfigMap" && metadata.name === "cilium-config";

function difference({ planned, live }: PlannedAndLive): readonly ObjectChange[] {
  if (live === undefined) {
    const gone = objectChange({ before: planned }, [plainWords("planned, and not there")]);
    return gone === undefined ? [] : [gone];
  }
  const fields = fieldChangesAt(differences(asCompared(planned), live, fieldsOfMetal3(planned)));
  if (fields.length === 0) return [];
  const { kind, metadata } = planned;
  const place = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  return [{ kind, ...place, name: metadata.name, change: "changed", fields, effects: [] }];
}

/** Contents of Secrets are never read, the payload is compared object by object, and settings are listed key by key. */
function asCompared(planned: KubernetesObject): KubernetesObject {
  const { kind, metadata } = planned;
  const isPayload = kind === "ConfigMap" && "cilium.yaml" in ((planned["data"] as object | undefined) ?? {});
  if (kind === "Secret" || isPayload || isConfig(planned))
    return { apiVersion: planned.apiVersion, kind, metadata };
  return planned;
}

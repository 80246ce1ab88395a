import { hostFieldsOfMetal3 } from "../manifests/hosts";
import { type KubernetesObject, isMap } from "../kubernetes/object";
import type { Drift, ObjectChange } from "./change";
import { configOf } from "./cilium";
import { pathsOf, same } from "./fields";
import { objectChange } from "./objects";
import { settingChanges } from "./settings";
import { type Words, plainWords } from "./words";

/** A planned object, and what is there under its name. */
export interface PlannedAndRunning {
  readonly planned: KubernetesObject;
  readonly running?: KubernetesObject;
}

/** What was read of one cluster, or why nothing was. */
export interface ClusterReading {
  readonly cluster: "management" | "workload";
  readonly objects: readonly PlannedAndRunning[];
  readonly unknown: readonly Words[];
}

/** What runs in another way than it was planned. Only planned fields count: the rest belongs to controllers. */
export function driftOf(readings: readonly ClusterReading[]): Drift {
  const workload = readings.flatMap(({ cluster, objects }) => (cluster === "workload" ? objects : []));
  const running = workload.flatMap(({ running: live }) => live ?? []);
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

function difference({ planned, running }: PlannedAndRunning): readonly ObjectChange[] {
  if (running === undefined) {
    const gone = objectChange({ before: planned }, [plainWords("planned, and not there")]);
    return gone === undefined ? [] : [gone];
  }
  const bare = asCompared(planned);
  const live = withoutOthers(bare, running) as KubernetesObject;
  const change = objectChange({
    before: bare,
    after: { ...live, kind: planned.kind, metadata: { ...live.metadata, name: planned.metadata.name } },
  });
  const fields = (change?.fields ?? []).filter(
    (field) => !pathsOf(field).every((path) => hostFieldsOfMetal3.includes(path)),
  );
  return change === undefined || fields.length === 0 ? [] : [{ ...change, fields }];
}

/** Contents of Secrets are nobody's to read, the payload is compared object by object, and settings are told key by key. */
function asCompared(planned: KubernetesObject): KubernetesObject {
  const { kind, metadata } = planned;
  const isPayload = kind === "ConfigMap" && "cilium.yaml" in ((planned["data"] as object | undefined) ?? {});
  if (kind === "Secret" || isPayload || isConfig(planned))
    return { apiVersion: planned.apiVersion, kind, metadata };
  return planned;
}

/** The running value, without what was not planned; what the API only spells differently is as planned. */
function withoutOthers(planned: unknown, running: unknown): unknown {
  if (isSpeltDifferently(planned, running)) return planned;
  if (Array.isArray(planned) && Array.isArray(running)) return listWithoutOthers(planned, running);
  if (!isMap(planned) || !isMap(running)) return running;
  return Object.fromEntries(
    Object.entries(planned).map(([key, value]) => [
      key,
      key === "apiVersion" ? value : withoutOthers(value, running[key]),
    ]),
  );
}

const names = ["name", "key", "mountPath", "path", "containerPort"];

function listWithoutOthers(planned: readonly unknown[], running: readonly unknown[]): readonly unknown[] {
  const name = names.find((key) => planned.every((entry) => isMap(entry) && entry[key] !== undefined));
  if (name === undefined || !planned.every(isMap)) {
    return planned.length === running.length
      ? planned.map((entry, i) => withoutOthers(entry, running[i]))
      : running;
  }
  const found = planned.map((entry) => {
    const same = running.find((other) => isMap(other) && other[name] === entry[name]);
    return same === undefined ? undefined : withoutOthers(entry, same);
  });
  return found.filter((entry) => entry !== undefined);
}

/** Empty values are dropped by the API, numbers become quantities. */
function isSpeltDifferently(planned: unknown, running: unknown): boolean {
  if (same(planned, running)) return true;
  if (running === undefined || running === null) return isNothing(planned);
  if (typeof planned === "object" || typeof running === "object") return false;
  return String(planned) === String(running) || cores(planned) === cores(running);
}

function isNothing(value: unknown): boolean {
  return (typeof value === "object" && (value === null || Object.keys(value).length === 0)) || value === "";
}

/** `1000m` is `1`; values that are no such quantity are only equal to themselves. */
function cores(value: unknown): unknown {
  const milli = /^(\d+)m$/.exec(String(value))?.[1];
  return milli === undefined ? String(value) : String(Number(milli) / 1000);
}

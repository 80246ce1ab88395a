import type { CiliumChange, Effect, ObjectChange, WorkloadRestart } from "./change";
import { fieldChanges, same, step } from "./fields";
import { type Words, plainWords, words } from "./formatted-text";
import { chosenImages } from "./images";
import { objectChange, paired } from "./objects";
import { settingChanges, valueChanges } from "./settings";
import { newPrivileges } from "./privileges";
import type { CiliumRender } from "../cilium/manifest";
import { type KubernetesObject, field, text } from "../kubernetes/object";
import { judgeInstalledVersion, judgeVersionStep } from "../live/preflight/cilium-upgrade";
import type { CiliumPlan, ClusterPlan } from "../plan/plan";
import { counted } from "../text/wording";

/** One side's Cilium: what was decided, and the manifest where it could be rendered. */
export interface CiliumSide {
  readonly plan: CiliumPlan;
  readonly render?: CiliumRender;
  /** Why it could not be rendered. */
  readonly unrendered?: string;
}

/** What changes in Cilium; undefined when nothing does. */
export function ciliumChange(
  before: CiliumSide | undefined,
  after: CiliumSide | undefined,
): CiliumChange | undefined {
  const [old, fresh] = [before?.plan, after?.plan];
  const isRendered = before?.render !== undefined && after?.render !== undefined;
  const isCompared = isRendered || (old?.chartDirectory ?? fresh?.chartDirectory) === undefined;
  const hasSameRender = isCompared && before?.render?.hash === after?.render?.hash;
  if (same(rendered(old), rendered(fresh)) && hasSameRender) return undefined;
  const version = {
    ...(old === undefined ? {} : { before: old.version }),
    ...(fresh === undefined ? {} : { after: fresh.version }),
  };
  if (before === undefined || after === undefined) {
    return { ...nothing, version, compared: "values" };
  }
  if (before.render === undefined || after.render === undefined) {
    const settings = valueChanges(before.plan.values, after.plan.values);
    const unrendered = after.unrendered ?? before.unrendered;
    return {
      ...nothing,
      version,
      compared: "values",
      settings,
      ...(unrendered === undefined ? {} : { unrendered }),
    };
  }
  const [left, right] = [allObjects(before.render), allObjects(after.render)];
  const settings = settingChanges(configOf(left), configOf(right), old?.version !== fresh?.version);
  const restarts = restartsOf(left, right, settings.length > 0, after.plan.machines);
  const objects = paired(left, right).flatMap((pair): ObjectChange[] => {
    const found = objectChange({ ...withoutConfig(pair) });
    return found === undefined ? [] : [found];
  });
  const hasOwnChart = (old?.chartDirectory ?? fresh?.chartDirectory) !== undefined;
  const hasSameVersion = old?.version === fresh?.version;
  const isRelease = !hasSameVersion && same(chosenValues(before.plan), chosenValues(after.plan));
  const privileges = [
    ...newPrivileges(left, right, hasOwnChart ? "own" : isRelease ? "released" : "changed"),
    ...new Set(templatesAmong(before.plan.values, after.plan.values)),
  ];
  const images = chosenImages(
    { ...before.plan, objects: left },
    { ...after.plan, objects: right },
    hasOwnChart,
  );
  if (hasSameVersion && [settings, objects, privileges].every((found) => found.length === 0))
    return undefined;
  const opened = openedServices(left, right);
  return { version, compared: "rendered", settings, restarts, objects, privileges, images, opened };
}

const nothing = { settings: [], restarts: [], objects: [], privileges: [], images: [], opened: [] } as const;

/** Services of the new side alone that are no ClusterIP, or have addresses of their own. */
function openedServices(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): readonly string[] {
  return paired(before, after).flatMap(({ before: old, after: fresh }) => {
    if (old !== undefined || fresh?.kind !== "Service") return [];
    const isInside = ["ClusterIP", undefined].includes(text(fresh, "spec", "type"));
    return isInside && field(fresh, "spec", "externalIPs") === undefined ? [] : [fresh.metadata.name];
  });
}

/** Helm values without what follows from the versions. */
function chosenValues({ values }: CiliumPlan): unknown {
  return { ...values, upgradeCompatibility: undefined };
}

/**
 * Keys and texts of Helm values that are new at their place and that the chart may evaluate as templates: they can then render
 * something else at another time. What was planned is searched, because a comparison hides secrets and counts the lines of long texts.
 */
function templatesAmong(before: unknown, after: unknown, path = ""): readonly string[] {
  if (typeof after === "string")
    return after !== before && after.includes("{{") ? [`Helm value ${path} is a template`] : [];
  if (typeof after !== "object" || after === null) return [];
  const old = typeof before === "object" && before !== null ? before : {};
  return Object.entries(after).flatMap(([key, value]: [string, unknown]) => {
    const earlier: unknown = Object.hasOwn(old, key) ? old[key as keyof typeof old] : undefined;
    if (!key.includes("{{")) return templatesAmong(earlier, value, step(path, key));
    const whole = path === "" ? "Helm values have" : `Helm value ${path} has`;
    return same(earlier, value) ? [] : [`${whole} a key that is a template`];
  });
}

/** The objects of a render with its Secrets, whose contents are compared and never shown. */
export function allObjects({ objects, secrets }: CiliumRender): readonly KubernetesObject[] {
  return [...objects, ...(secrets?.objects ?? [])];
}

/** What the render is made from; the rest of the plan only proves it. */
function rendered(plan: CiliumPlan | undefined): unknown {
  return plan === undefined ? undefined : [plan.version, plan.chartDirectory, plan.values];
}

const isConfig = ({ kind, metadata }: KubernetesObject) =>
  kind === "ConfigMap" && metadata.name === "cilium-config";

/** The settings of agent and operator. */
export function configOf(objects: readonly KubernetesObject[]): Readonly<Record<string, string>> {
  const data = field(objects.find(isConfig), "data");
  return (data ?? {}) as Record<string, string>;
}

/** The settings are listed key by key, so the object is shown without them. */
function withoutConfig(pair: { readonly before?: KubernetesObject; readonly after?: KubernetesObject }) {
  const bare = (object: KubernetesObject) => (isConfig(object) ? { ...object, data: undefined } : object);
  return {
    ...(pair.before === undefined ? {} : { before: bare(pair.before) }),
    ...(pair.after === undefined ? {} : { after: bare(pair.after) }),
  };
}

/** The workloads that read cilium-config when they start. */
const readers = ["DaemonSet/cilium", "Deployment/cilium-operator"];

function restartsOf(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  settingsChange: boolean,
  machines: CiliumPlan["machines"],
): readonly WorkloadRestart[] {
  return paired(before, after).flatMap(({ before: old, after: fresh }): WorkloadRestart[] => {
    if (old === undefined || fresh === undefined) return [];
    const workload = `${fresh.kind}/${fresh.metadata.name}`;
    const template = fieldChanges(field(old, "spec", "template"), field(fresh, "spec", "template"));
    if ((fresh.kind === "DaemonSet" || fresh.kind === "Deployment") && template.length > 0) {
      return [{ workload, restart: "rollout", effect: rolloutOf(fresh, machines) }];
    }
    if (!settingsChange || !readers.includes(workload)) return [];
    const namespace = fresh.metadata.namespace ?? "kube-system";
    const command = `kubectl -n ${namespace} rollout restart ${fresh.kind.toLowerCase()}/${fresh.metadata.name}`;
    return [
      { workload, restart: "by hand", effect: words`reads its settings only when it starts: ${command}` },
    ];
  });
}

function rolloutOf(object: KubernetesObject, machines: CiliumPlan["machines"]): Words {
  if (object.kind !== "DaemonSet") return plainWords("its pods are replaced");
  const at = field(object, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable") ?? 1;
  if (text(object, "spec", "updateStrategy", "type") === "OnDelete") {
    return plainWords("its pods are replaced once they are deleted by hand");
  }
  const pods = machines.controlPlane + machines.workers;
  return words`${plainWords(counted(pods, "pod"))} ${plainWords(pods === 1 ? "is" : "are")} replaced, ${typeof at === "number" ? at : String(at)} at a time`;
}

/** What the preflight will refuse about Cilium's version, if the base is what runs: the preflight's own checks, applied to the base. */
export function refusedVersion(before: ClusterPlan | undefined, after: ClusterPlan): readonly Effect[] {
  if (before === undefined) return [];
  const [from, to] = [before.cilium.version, after.cilium.version];
  const step = from === to ? words`${to}` : words`${from} → ${to}`;
  return [
    judgeVersionStep(to, [from]),
    judgeInstalledVersion(after.cluster.cluster, before.cluster.cluster, from),
  ].flatMap(({ problems }) =>
    problems.map(({ at, problem, fix }) => ({
      level: "high" as const,
      area: "cilium" as const,
      what: words`${`metal:${at}`}`,
      effect: words`the preflight refuses it: ${plainWords(problem)}; fix: ${plainWords(fix)}`,
      headline: words`the preflight refuses Cilium ${step}: ${plainWords(fix)}`,
    })),
  );
}

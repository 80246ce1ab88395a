import type { Risk } from "../cilium/risk";
import type { ClusterPlan } from "../plan/plan";
import { type CiliumChange, type Effect, type SettingChange, worst, howMany } from "./change";
import { pathsOf } from "./fields";
import { type Words, named, plainWords, words } from "./formatted-text";
import { levelOfRisk } from "./settings";
import { counted } from "../text/wording";

/** The rows of the overview about Cilium. */
export function ciliumEffects(
  change: CiliumChange | undefined,
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly Effect[] {
  if (change === undefined || before === undefined || after === undefined) return [];
  if (change.compared === "values") return [unrendered(change)];
  const rows = [
    ...rolloutRow(change, after),
    ...privilegeRow(change),
    ...imageRow(change),
    ...settingRows(change),
    ...strategyRow(change, after),
    ...openedRow(change),
    ...objectRow(change, after),
  ];
  return after.cilium.lifecycle === "bootstrap-only" ? [reachesNothing(), ...rows] : rows;
}

function reachesNothing(): Effect {
  return {
    level: "medium",
    area: "cilium",
    what: words`${"metal:cilium.lifecycle"} is ${"bootstrap-only"}`,
    effect: plainWords(
      "the running Cilium stays as it is: this stack does not own it any more, and the preflight refuses the change",
    ),
  };
}

function unrendered(change: CiliumChange): Effect {
  return {
    level: "high",
    area: "cilium",
    what: unrenderedPart(change),
    effect: words`not rendered here${reasonOf(change)}, so the settings that change are unknown: the worst is assumed`,
    headline: plainWords("Cilium changes and was not rendered, so the worst is assumed"),
  };
}

function unrenderedPart(change: CiliumChange): Words {
  if (isUpgrade(change)) return upgrade(change);
  if (change.settings.length === 0) return words`the chart in ${"metal:cilium.chartDirectory"}`;
  return named(change.settings.map(({ key }) => key));
}

function reasonOf({ unrendered: why }: CiliumChange): Words {
  return why === undefined ? plainWords("") : words` (${why})`;
}

/** Rights that a chart or values add: pods with them own the machines, and accounts with them the cluster. */
function privilegeRow({ privileges }: CiliumChange): readonly Effect[] {
  if (privileges.length === 0) return [];
  return [
    {
      level: "high",
      area: "cilium",
      what: named(privileges, 4),
      effect: plainWords(
        "new rights on the cluster or on its machines, which the objects did not have before",
      ),
      headline: words`Cilium's objects get new rights: ${named(privileges, 3)}`,
    },
  ];
}

/** Images that are not the chart's own: what is in them is not known, and most of Cilium's pods own their machine. */
function imageRow({ images }: CiliumChange): readonly Effect[] {
  if (images.length === 0) return [];
  return [
    {
      level: "high",
      area: "cilium",
      what: named(images, 4),
      effect: plainWords("another image runs, which is not known to be of the chart's version"),
      headline: words`Cilium's pods run another image: ${named(images, 3)}`,
    },
  ];
}

function isUpgrade({ version }: CiliumChange): boolean {
  return version.before !== version.after;
}

function upgrade({ version }: CiliumChange): Words {
  return words`Cilium ${version.before} → ${version.after}`;
}

/** Pods that are replaced because their templates change. The new version takes the risk of the settings that come with it. */
function rolloutRow(change: CiliumChange, after: ClusterPlan): readonly Effect[] {
  const rolling = change.restarts.filter(({ restart }) => restart === "rollout");
  if (rolling.length === 0) return [];
  const agents = rolling.find(({ workload }) => workload === "DaemonSet/cilium");
  const names = named(rolling.map(({ workload }) => workload.split("/")[1] ?? ""));
  const effect =
    agents === undefined
      ? words`pods of ${names} are replaced; no agent restarts`
      : words`all agents restart (${agents.effect}); pods keep their network${sessionsMeanwhile(after)}`;
  if (!isUpgrade(change)) return [{ level: "medium", area: "cilium", what: words`pods of ${names}`, effect }];
  const grave = change.settings.filter(({ risk }) => levelOfRisk(risk) === "high").length;
  return [
    {
      level: grave > 0 ? "high" : "medium",
      area: "cilium",
      what: upgrade(change),
      effect,
      headline: words`${upgrade(change)}: all agents restart${plainWords(grave === 0 ? "" : `, and ${counted(grave, "setting")} of high risk ${grave === 1 ? "changes" : "change"}`)}`,
    },
  ];
}

/** A BGP session ends with its agent; what the router does with the routes meanwhile depends on graceful restart. */
function sessionsMeanwhile({ routers }: ClusterPlan): Words {
  const groups = routers.flatMap((router) => router.groups);
  if (groups.length === 0) return plainWords("");
  return groups.every(({ gracefulRestart }) => gracefulRestart)
    ? plainWords(", routers keep their routes (graceful restart)")
    : plainWords(", but routers drop the routes of its node: no graceful restart");
}

const consequences: Readonly<Record<Risk, string>> = {
  "changes IPAM": "addresses of running pods no longer fit: not safe on a cluster that runs",
  "restarts the datapath": "parts of the datapath are rebuilt on each node, and open connections may break",
  "changes routing":
    "nodes with the old and the new setting may not reach each other's pods until all agents have restarted",
  "changes BGP": "BGP sessions are reset, or other routes are announced",
  "changes policy": "which traffic is allowed may change",
  "opens access":
    "more can be read or reached from outside of the machines: a port, a connection without TLS, or contents of flows",
  observability: "only metrics, flows, health or logs change",
  cosmetic: "no visible effect",
};

/** A row for each risk, the harmless ones together. */
function settingRows({ settings, restarts }: CiliumChange): readonly Effect[] {
  const byHand = restarts.some(
    ({ workload, restart }) => workload === "DaemonSet/cilium" && restart === "by hand",
  );
  const when = plainWords(byHand ? ", once the agents restart: they do not by themselves" : "");
  const isHarmless = ({ risk }: SettingChange) => levelOfRisk(risk) === "low";
  const harmless = settings.filter(isHarmless);
  const risks = [
    ...new Set(settings.filter((setting) => !isHarmless(setting)).flatMap(({ risk }) => risk ?? [])),
  ];
  return [
    ...risks.map((risk): Effect => ({
      level: levelOfRisk(risk),
      area: "cilium",
      what: settingNames(settings.filter((setting) => setting.risk === risk)),
      effect: words`${plainWords(consequences[risk])}${when}`,
      headline: words`${settingNames(settings.filter((setting) => setting.risk === risk))}: ${plainWords(consequences[risk])}${when}`,
    })),
    ...(harmless.length === 0
      ? []
      : [
          {
            level: worst(harmless.map(({ risk }) => levelOfRisk(risk))),
            area: "cilium" as const,
            what: settingNames(harmless),
            effect: plainWords(
              `no traffic notices it: ${[...new Set(harmless.flatMap(({ risk }) => risk ?? []))].join(", ")}`,
            ),
          },
        ]),
  ];
}

function settingNames(settings: readonly SettingChange[]): Words {
  const [first, ...others] = settings;
  if (first === undefined || others.length > 0)
    return named(
      settings.map(({ key }) => key),
      4,
    );
  const { key, before, after } = first;
  if (before === undefined) return words`${key} (new) ${after}`;
  return after === undefined ? words`${key} gone, was ${before}` : words`${key} ${before} → ${after}`;
}

/** DaemonSets whose next rollout may replace the pods of all machines at the same time. */
function strategyRow({ objects }: CiliumChange, { cilium }: ClusterPlan): readonly Effect[] {
  const pods = cilium.machines.controlPlane + cilium.machines.workers;
  const found = objects.filter(
    ({ kind, fields }) =>
      kind === "DaemonSet" &&
      fields.some(
        ({ path, after }) =>
          path.startsWith("spec.updateStrategy") && after.some((line) => isAll(line, pods)),
      ),
  );
  if (found.length === 0) return [];
  return [
    {
      level: "medium",
      area: "cilium",
      what: named(found.map(({ kind, name }) => `${kind} ${name}`)),
      effect: plainWords("the next rollout replaces the pods of all machines at once"),
    },
  ];
}

/** Whether a line such as `100%`, `4` or `maxUnavailable: 4` allows all pods; shares are rounded up, as Kubernetes does. */
function isAll(line: string, pods: number): boolean {
  const [, most, percent] = /(\d+)(%?)$/.exec(line) ?? [];
  return (
    most !== undefined && (percent === "%" ? Math.ceil((pods * Number(most)) / 100) : Number(most)) >= pods
  );
}

/** Fields of a Service that decide who reaches it, and how much of that counts as outside. */
const exposure =
  /^spec\.(type|externalIPs|loadBalancer\w*|externalTrafficPolicy|ports\b.*nodePort)|^spec\.externalName$/;

/** Services that are reached from outside of the cluster, or in another way from there. */
function openedRow({ objects, opened }: CiliumChange): readonly Effect[] {
  const changed = objects.filter(
    ({ kind, change, fields }) =>
      kind === "Service" &&
      change === "changed" &&
      fields.some((field) => pathsOf(field).some((path) => exposure.test(path))),
  );
  const names = [...new Set([...opened, ...changed.map(({ name }) => name)])];
  if (names.length === 0) return [];
  return [
    {
      level: "medium",
      area: "cilium",
      what: named(names.map((name) => `Service ${name}`)),
      effect: plainWords("reached from outside of the cluster, or in another way from there"),
    },
  ];
}

/** Kinds that have pods. */
const workloads = /^(Pod|DaemonSet|Deployment|StatefulSet|ReplicaSet|Job|CronJob)$/;

/** Objects that no rollout tells about. */
function objectRow({ objects, restarts }: CiliumChange, { cilium }: ClusterPlan): readonly Effect[] {
  const rolling = restarts.filter(({ restart }) => restart === "rollout").map(({ workload }) => workload);
  const others = objects.filter(({ kind, name }) => !rolling.includes(`${kind}/${name}`));
  if (others.length === 0) return [];
  const removed = others.some(({ change }) => change === "removed");
  // New pods run what their image holds, with whatever the cluster's network and Secrets of the namespace offer.
  const runs = others.some(({ kind, change }) => change === "added" && workloads.test(kind));
  // A chart of the project may have any object, and not only those that Cilium is known to need.
  const isOwn = cilium.chartDirectory !== undefined;
  return [
    {
      level: removed || runs || isOwn ? "medium" : "low",
      area: "cilium",
      what: named([...new Set(others.map(({ kind, name }) => `${kind} ${name}`))], 4),
      effect: plainWords(howMany(others)),
      headline: plainWords(`Cilium's objects: ${howMany(others)}`),
    },
  ];
}

/** What is left to do after the change has been applied: pods that do not restart by themselves. */
export function ciliumTodo(change: CiliumChange | undefined): readonly Words[] {
  return (change?.restarts ?? [])
    .filter(({ restart }) => restart === "by hand")
    .map(({ workload, effect }) => words`${workload} ${effect}`);
}

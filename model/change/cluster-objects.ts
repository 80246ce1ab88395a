import type { KubernetesObject } from "../kubernetes/object";
import type { ClusterPlan, PlannedTemplate } from "../plan/plan";
import { type Effect, type Level, type ObjectChange, worst } from "./change";
import { pathsOf } from "./fields";
import { ruleOf } from "./field-rules";
import { identity, objectChange, paired } from "./objects";
import { type Words, named, plainWords, words } from "./formatted-text";

/** The Cluster API objects that come, go or change, with what each change does; hosts are listed elsewhere. */
export function clusterObjectChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly ObjectChange[] {
  const templates = new Map([...keysOf(before), ...keysOf(after)]);
  const keyOf = (object: KubernetesObject) =>
    `${object.kind} ${templates.get(identity(object)) ?? `the object ${object.metadata.name}`}`;
  return paired(objectsOf(before), objectsOf(after), keyOf).flatMap((pair) => {
    const change = objectChange(pair);
    if (change === undefined) return [];
    const template = templates.get(identity(pair.after ?? pair.before ?? nothing));
    return [
      {
        ...change,
        ...(template === undefined ? {} : { name: template }),
        fields: change.fields.filter(
          (each) => change.kind === "Cluster" || !pathsOf(each).every((path) => namesTemplate.test(path)),
        ),
        effects: effectsOf(change),
      },
    ];
  });
}

const nothing: KubernetesObject = { apiVersion: "", kind: "", metadata: { name: "" } };

/** A template's name is a hash of its content, which is shown itself. */
const namesTemplate = /^metadata\.name$|\b(infrastructureRef|configRef|dataTemplate)\.name$/;

/** A template is the same one when only the hash in its name differs. */
function keysOf(plan: ClusterPlan | undefined): readonly (readonly [string, string])[] {
  return (plan?.cluster.templates ?? []).map(({ key, manifest }: PlannedTemplate) => [
    identity(manifest),
    key,
  ]);
}

function objectsOf(plan: ClusterPlan | undefined): readonly KubernetesObject[] {
  if (plan === undefined) return [];
  const { templates, objects, cluster } = plan.cluster;
  return [...templates.map(({ manifest }) => manifest), ...objects, cluster, plan.resourceSet.resourceSet];
}

function effectsOf({ kind, change, fields }: ObjectChange): readonly Words[] {
  if (change !== "changed") return [];
  const found = fields.flatMap((field) =>
    pathsOf(field).map((path) => ruleOf(kind, path, field)?.effect ?? "replaces machines"),
  );
  return [...new Set(found)].map(plainWords);
}

/** The rows of the overview: what is worse than an edit in place, each by itself, then all edits in place in one. */
export function clusterObjectEffects(changes: readonly ObjectChange[]): readonly Effect[] {
  const changed = changes.filter(({ change }) => change === "changed");
  const graver = changed.flatMap((object) =>
    fieldEffects(object)
      .filter(({ level }) => level !== "low")
      .map(({ level, path, effect }): Effect => ({
        level,
        area: "cluster",
        what: words`${object.kind} ${object.name}: ${path}`,
        effect: plainWords(effect),
      })),
  );
  const others = changed.filter((object) => fieldEffects(object).some(({ level }) => level === "low"));
  const kinds = [...new Set(others.map(({ kind }) => kind))];
  return [
    ...graver,
    ...(others.length === 0
      ? []
      : [
          {
            level: "low" as const,
            area: "cluster" as const,
            what: named(kinds),
            effect: plainWords("Cluster API objects are edited in place; no machine is replaced for it"),
          },
        ]),
  ];
}

interface FieldEffect {
  readonly path: string;
  readonly level: Level;
  readonly effect: string;
}

/** An object of which fields change; of a host also whether it runs a system of its own. */
type Changed = Pick<ObjectChange, "kind" | "fields"> & { readonly adopted?: boolean };

/** Every different effect of an object's changed fields, with the first field that has it. */
export function fieldEffects(object: Changed): readonly FieldEffect[] {
  const found = new Map<string, FieldEffect>();
  for (const change of object.fields) {
    for (const path of pathsOf(change)) {
      const rule = ruleOf(object.kind, path, change, object.adopted);
      if (rule === undefined) continue;
      const key = `${rule.level} ${rule.effect}`;
      if (!found.has(key)) found.set(key, { ...rule, path });
    }
  }
  return [...found.values()];
}

/** The worst that an object's changed fields do. */
export function levelOf(object: Changed): Level {
  return worst(fieldEffects(object).map(({ level }) => level));
}

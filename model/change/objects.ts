import { type KubernetesObject, field } from "../kubernetes/object";
import type { ObjectChange } from "./change";
import { fieldChanges } from "./fields";
import type { Words } from "./formatted-text";

/** One object of both sides; one of the two may be missing. */
export interface Pair {
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}

/** Objects of two sides, joined by what `keyOf` calls the same object; the order of the new side, then what goes. */
export function paired(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  keyOf: (object: KubernetesObject) => string = identity,
): readonly Pair[] {
  const left = new Map(before.map((object) => [keyOf(object), object]));
  const right = new Map(after.map((object) => [keyOf(object), object]));
  return [...new Set([...right.keys(), ...left.keys()])].map((key) => {
    const [old, fresh] = [left.get(key), right.get(key)];
    return {
      ...(old === undefined ? {} : { before: old }),
      ...(fresh === undefined ? {} : { after: fresh }),
    };
  });
}

/** Kind, namespace and name. */
export function identity({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** What differs between the two objects of a pair; undefined when nothing does. Contents of Secrets are compared and never shown. */
export function objectChange(
  { before, after }: Pair,
  effects: readonly Words[] = [],
): ObjectChange | undefined {
  const object = after ?? before;
  if (object === undefined) return undefined;
  const change = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const fields = change === "changed" ? fieldChanges(sealed(before), sealed(after, before)) : [];
  if (change === "changed" && fields.length === 0) return undefined;
  const { namespace, name } = object.metadata;
  return {
    kind: object.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    change,
    fields,
    effects,
  };
}

/** A Secret in which each content is a word: another one where the other side has a content that differs. */
function sealed(object: KubernetesObject | undefined, other = object): unknown {
  if (object?.kind !== "Secret") return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      key === "data" || key === "stringData"
        ? Object.fromEntries(
            Object.entries(value as object).map(([name, content]) => {
              const before = field(other, key, name);
              return [name, before === undefined || before === content ? "(secret)" : "(another secret)"];
            }),
          )
        : value,
    ]),
  );
}

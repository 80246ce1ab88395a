import type { KubernetesObject } from "../kubernetes/object";
import { removedSecret } from "./forms";
import { namesSecret } from "./names";
import { withoutSecrets } from "./text";

/** Cloud-init user data, however it is spelt: its content is unknown. */
const userData = ["files", "preKubeadmCommands", "postKubeadmCommands", "userData", "users", "bootCommands"];
/** kubectl and others keep a copy of the whole object here. */
const copies = /last-applied|last-handled|baremetalhost\.metal3\.io\/status/;

/** An object that can be shared: structure, names and states stay, everything that may be a secret is removed. */
export function redacted(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  const clean = {
    ...metadata,
    annotations: annotationsOf(metadata.annotations),
  } as KubernetesObject["metadata"];
  if (kind === "Secret") return { apiVersion, kind, metadata: clean };
  const rest = Object.fromEntries(
    Object.entries(object).filter(([key]) => !["apiVersion", "kind", "metadata"].includes(key)),
  );
  return { apiVersion, kind, metadata: clean, ...(redactedValue(rest) as object) };
}

function annotationsOf(annotations: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [
      name,
      copies.test(name) ? removedSecret : redactedField(name, value),
    ]),
  );
}

function redactedValue(value: unknown): unknown {
  if (typeof value === "string") return withoutSecrets(value);
  if (Array.isArray(value)) return redactedList(value);
  if (typeof value !== "object" || value === null) return value;
  // One entry of an environment, or of a list of arguments: `{ name, value }`.
  const { name } = value as { readonly name?: unknown };
  const named = typeof name === "string" && namesSecret(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      named && key === "value" ? removedSecret : redactedField(key, inner),
    ]),
  );
}

function redactedField(key: string, value: unknown): unknown {
  if (userData.includes(key) && value !== undefined && value !== null) {
    return Array.isArray(value) ? [`[${value.length} left out: user data]`] : removedSecret;
  }
  return shownField(key, value);
}

/** A value under its key without what names or holds a secret. */
export function shownField(key: string, value: unknown): unknown {
  return namesSecret(key) ? hidden(value) : redactedValue(value);
}

/** What a secret's key holds: texts and numbers go, also those of a list; a map has names of its own. */
function hidden(value: unknown): unknown {
  if (typeof value === "number" || (typeof value === "string" && value !== "")) return removedSecret;
  if (Array.isArray(value)) return value.map(hidden);
  return redactedValue(value);
}

/** `--password X` is two entries of a list of arguments. */
function redactedList(values: readonly unknown[]): readonly unknown[] {
  return values.map((value, index) => {
    const before: unknown = values[index - 1];
    const isArgument =
      typeof before === "string" &&
      /^--?[\p{L}\p{N}_.-]+$/u.test(before) &&
      namesSecret(before.replace(/^-+/, ""));
    return isArgument && typeof value === "string" ? removedSecret : redactedValue(value);
  });
}

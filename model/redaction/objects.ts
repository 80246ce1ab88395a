import type { KubernetesObject } from "../kubernetes/object";
import { optionsOf } from "./commands";
import { removedSecret } from "./forms";
import { holdsEntry, namesEntry, namesReference, namesSecret } from "./names";
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
  const entries = Object.entries(value);
  // One entry of an environment, or of a list of settings: `{ name, value }`.
  const isNamed = entries.some(
    ([key, inner]) => typeof inner === "string" && namesEntry(key) && namesSecret(inner.replaceAll(" ", "-")),
  );
  const isSecret = (value as { readonly kind?: unknown }).kind === "Secret";
  const { command } = value as { readonly command?: unknown };
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      if (isSecret && /^(?:string)?data$/i.test(key)) return [key, removedSecret];
      if (key === "args" && Array.isArray(inner) && Array.isArray(command))
        return [key, redactedList(inner, command)];
      return [key, isNamed && holdsEntry(key) ? hidden(inner) : redactedField(key, inner)];
    }),
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

/** What a secret's key holds: texts and numbers go, also those of lists and maps; what only refers to a secret stays. */
function hidden(value: unknown): unknown {
  if (typeof value === "number" || (typeof value === "string" && value !== "")) return removedSecret;
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value !== "object" || value === null) return value;
  const isReference = ["name", "path"].some((key) => key in value);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      namesReference(key) || (key === "key" && isReference) ? redactedField(key, inner) : hidden(inner),
    ]),
  );
}

/** `--password X` is two entries of a list of arguments, and so is `-P X` of a tool that an earlier entry names. */
function redactedList(values: readonly unknown[], command: readonly unknown[] = []): readonly unknown[] {
  let options: RegExp | undefined;
  let isArgument = false;
  const words = [...command, ...values].map((value) => {
    const isSecret = isArgument;
    isArgument = false;
    if (typeof value !== "string") return redactedValue(value);
    if (isSecret) return removedSecret;
    const option = options?.exec(value)?.[0];
    options = optionsOf(value) ?? options;
    isArgument =
      option === value ||
      (/^--?[\p{L}\p{M}\p{N}_.-]+$/u.test(value) && namesSecret(value.replace(/^-+/, "")));
    return option === undefined || isArgument ? redactedValue(value) : option + removedSecret;
  });
  return words.slice(command.length);
}

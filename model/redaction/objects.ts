import type { KubernetesObject } from "../kubernetes/object";
import { optionsOf } from "./commands";
import { saysSecret } from "./entries";
import { namesPeers, removedSecret, withoutPeerPasswords } from "./forms";
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
  const { command } = value as { readonly command?: unknown };
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      if (isDataOfSecret(value, key)) return [key, removedSecret];
      if (key === "args" && Array.isArray(inner) && Array.isArray(command))
        return [key, redactedList(inner, command)];
      if (typeof inner === "string" && (namesPeers.test(key) || (holdsEntry(key) && isNamedPeers(value))))
        return [key, withoutSecrets(withoutPeerPasswords(inner))];
      return [key, isSecretIn(value, key) ? hidden(inner) : redactedField(key, inner)];
    }),
  );
}

/** Whether a field is secret because of what is next to it in its map. */
function isSecretIn(map: object, field: string): boolean {
  return (
    isDataOfSecret(map, field) ||
    (field === "key" && ["cert", "crt", "certificate"].some((other) => other in map)) ||
    (holdsEntry(field) &&
      Object.entries(map).some(([key, value]) => typeof value === "string" && saysSecret(key, value)))
  );
}

/** Whether an entry is the variable in which kube-vip has its peers, and their passwords. */
function isNamedPeers(map: object): boolean {
  return Object.entries(map).some(
    ([key, value]) => namesEntry(key) && typeof value === "string" && namesPeers.test(value),
  );
}

function isDataOfSecret(map: object, field: string): boolean {
  return (map as { readonly kind?: unknown }).kind === "Secret" && /^(?:string)?data$/i.test(field);
}

/** The name of what is secret because of what it is part of. */
const secretPart = "secret";

/**
 * The name by which {@link shownField} has to judge a field when it is shown apart from the maps (before and after a change) that
 * it is a field of: a part of a secret is one, and so is the value of an entry that says so.
 */
export function nameWithin(maps: readonly object[], name: string, field: string): string {
  const isReference = namesReference(field) || (field === "key" && maps.some(refersToKey));
  if (namesSecret(name) && !isReference) return name;
  return maps.some((map) => isSecretIn(map, field)) ? secretPart : field;
}

/** The same of a field of which only the path is known: `env[DB_PASSWORD].value`, `files[/etc/token].content`. */
export function nameAt(path: string): string {
  let name = "";
  let entry = "";
  for (const [step, inBrackets] of path.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)) {
    const inner = inBrackets?.replace(/^"|"$/g, "");
    const isEntry = inner !== undefined && !step.startsWith('["');
    if (isEntry) entry = inner;
    else {
      const field = inner ?? step;
      name = nameWithin(entry === "" ? [] : [{ name: entry, path: entry }], name, field);
      entry = "";
    }
  }
  return name;
}

function refersToKey(map: object): boolean {
  return "name" in map || "path" in map;
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
  const isReference = refersToKey(value);
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
  let isPeers = false;
  const words = [...command, ...values].map((value) => {
    const [isSecret, hasPeers] = [isArgument, isPeers];
    [isArgument, isPeers] = [false, false];
    if (typeof value !== "string") return redactedValue(value);
    isPeers = value.startsWith("-") && namesPeers.test(value);
    if (hasPeers) return withoutSecrets(withoutPeerPasswords(value));
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

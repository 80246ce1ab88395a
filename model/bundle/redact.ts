import type { KubernetesObject } from "../kubernetes/object";
import { withoutSecrets } from "../readiness/plain-text";

/** What stands where something was left out. */
const left = "[secret]";

/** Names of fields and variables whose value nobody else may see. */
const secretName =
  /pass(word|wd|phrase)?$|(^|[_.-])(pwd|psk)$|token$|secret$|private[_-]?key$|api[_-]?key$|access[_-]?key$|client-key-data$|credentials?$|authorization$/i;
/** Cloud-init user data, however it is spelt: nobody can tell what a person wrote there. */
const userData = ["files", "preKubeadmCommands", "postKubeadmCommands", "userData", "users", "bootCommands"];
/** kubectl and others keep a copy of the whole object here. */
const copies = /last-applied|last-handled|baremetalhost\.metal3\.io\/status/;

/** An object fit to be handed to somebody else: structure, names and states stay, whatever may be a secret goes. */
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
      copies.test(name) ? left : redactedField(name, value),
    ]),
  );
}

function redactedValue(value: unknown): unknown {
  if (typeof value === "string") return redactedText(value);
  if (Array.isArray(value)) return redactedList(value);
  if (typeof value !== "object" || value === null) return value;
  // One entry of an environment, or of a list of arguments: `{ name, value }`.
  const { name } = value as { readonly name?: unknown };
  const named = typeof name === "string" && secretName.test(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      named && key === "value" ? left : redactedField(key, inner),
    ]),
  );
}

function redactedField(key: string, value: unknown): unknown {
  if (userData.includes(key) && value !== undefined && value !== null) {
    return Array.isArray(value) ? [`[${value.length} left out: user data]`] : left;
  }
  if (typeof value === "string" && secretName.test(key)) return left;
  return redactedValue(value);
}

/** `--password X` is two entries of a list of arguments. */
function redactedList(values: readonly unknown[]): readonly unknown[] {
  return values.map((value, index) => {
    const before = values[index - 1];
    const isArgument = typeof before === "string" && /^--?[\w-]+$/.test(before) && secretName.test(before);
    return isArgument && typeof value === "string" ? left : redactedValue(value);
  });
}

/** A text of several lines without what may be a secret: logs, events, configuration files. */
export function redactedText(text: string): string {
  if (/^\s*kind:\s*Config\s*$/m.test(text) && /^\s*clusters:/m.test(text)) return "[kubeconfig]";
  return withoutSecrets(text)
    .replace(/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, left)
    .replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, left)
    .replace(
      /((?:client-key|client-certificate|certificate-authority)-data["']?\s*[:=]\s*)[^\s,}]+/gi,
      `$1${left}`,
    )
    .replace(/(--?[\w-]*(?:password|passwd|token|secret|api-key)[= ])[^\s"',}]+/gi, `$1${left}`)
    .replace(/(\bneighbor \S+ password )\S+/gi, `$1${left}`)
    .replace(
      /(["']?[\w.-]*(?:secret|psk|private[_-]?key|api[_-]?key)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}"']+)/gi,
      `$1${left}`,
    );
}

/** Takes values that are known to be secret out of a text, wherever they stand. */
export function withoutValues(text: string, values: readonly string[]): string {
  return values.reduce((rest, value) => rest.replaceAll(value, left), text);
}

import { removedSecret, withoutSecretForms } from "./forms";
import { withoutKeyedValues } from "./keyed-values";
import { namesSecret } from "./names";

/** A text in which no secret is left, and what was taken out of it: kinds and counts, never values. */
export interface Scrubbed {
  readonly text: string;
  readonly removed: ReadonlyMap<string, number>;
}

/** Shorter values stand in too many innocent words. */
const shortestKnown = 6;

/** Takes every secret out: the values that are known to be one, and whatever has the form or the place of one. */
export function scrubbed(text: string, known: readonly string[] = []): Scrubbed {
  const removed = new Map<string, number>();
  const count = (kind: string) => removed.set(kind, (removed.get(kind) ?? 0) + 1);
  const unknown = spellings(known).reduce(
    (rest, value) => rest.replaceAll(value, () => (count("known value"), removedSecret)),
    text,
  );
  const formless = withoutSecretForms(unknown, count);
  return { text: withoutKeyedValues(formless, () => count("value of a secret key")), removed };
}

/** A text without anything that looks like a secret; its lines stay. A whole kubeconfig leaves nothing. */
export function withoutSecrets(text: string): string {
  if (/^[ \t]*kind:[ \t]*Config[ \t\r]*$/m.test(text) && /^[ \t]*clusters:/m.test(text))
    return "[kubeconfig]";
  return scrubbed(text).text;
}

/** Takes values that are known to be secret out of a text, wherever they stand and however short they are. */
export function withoutValues(text: string, values: readonly string[]): string {
  return values.reduce((rest, value) => rest.replaceAll(value, removedSecret), text);
}

/** The values of environment variables whose names say that they hold a secret. */
export function secretsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && value !== "" && namesSecret(name) ? [value] : [],
  );
}

/** The environment of a program that needs no secret: without the variables whose names say that they hold one. */
export function withoutSecretVariables<Value>(
  environment: Readonly<Record<string, Value>>,
): Record<string, Value> {
  return Object.fromEntries(
    // The engine hands the program its whole configuration in PULUMI_CONFIG, decrypted.
    Object.entries(environment).filter(([name]) => !namesSecret(name) && name !== "PULUMI_CONFIG"),
  );
}

/** Every way in which a known value may be written, the longest first: a part must not be taken out before its whole. */
function spellings(known: readonly string[]): readonly string[] {
  const values = known
    .flatMap((value) => [value.trim(), ...wordsOf(value)])
    .filter((value) => value.length >= shortestKnown);
  const spelt = values.flatMap((value) => [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    base64(value),
    base64(`${value}\n`),
  ]);
  return [...new Set(spelt)].sort((a, b) => b.length - a.length);
}

/** The long words of a value of several lines, such as a kubeconfig: most of its lines are no secret, and stand everywhere. */
function wordsOf(value: string): readonly string[] {
  if (!value.trim().includes("\n")) return [];
  return value.split(/\s+/).filter((word) => word.length >= 20 && !/^https?:/.test(word));
}

/** model/ has no Buffer. */
function base64(text: string): string {
  return btoa([...new TextEncoder().encode(text)].map((byte) => String.fromCharCode(byte)).join(""));
}

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

/**
 * What {@link scrubbed} takes out of a text, as far as it can be assigned: a Secret may be composed of secrets and of what belongs to
 * none, and other texts repeat only its parts.
 */
export function secretPartsOf(text: string): readonly string[] {
  const [first = "", ...rest] = scrubbed(text).text.split(removedSecret);
  if (!text.startsWith(first)) return [];
  let from = first.length;
  return rest.flatMap((kept, i) => {
    const to = i === rest.length - 1 ? text.length - kept.length : text.indexOf(kept, from + 1);
    if (to <= from) return [];
    const part = text.slice(from, to);
    from = to + kept.length;
    return [part.trim()];
  });
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
    ...quotedForms(value),
    encodeURIComponent(value),
    encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
    encodeURIComponent(value).replaceAll("%20", "+"),
    ...encodings(value),
    ...encodings(`${value}\n`),
  ]);
  return [...new Set(spelt)].sort((a, b) => b.length - a.length);
}

/** A value in the quotes of JSON (also of JSON in JSON), YAML, a shell and XML. */
function quotedForms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const xml = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return [
    json,
    JSON.stringify(json).slice(1, -1),
    value.replaceAll("'", "''"),
    value.replaceAll("'", `'\\''`),
    xml,
    xml.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    xml.replaceAll('"', "&#34;").replaceAll("'", "&apos;"),
  ];
}

/** A value in hexadecimal digits and in base64, also inside a longer text that was encoded as a whole. */
function encodings(value: string): readonly string[] {
  const bytes = [...new TextEncoder().encode(value)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const whole = base64(bytes);
  // What stands before the value moves its bits; digits that also hold bits of its neighbours are left out.
  const inside = [0, 1, 2].map((before) => {
    const from = Math.ceil((before * 8) / 6);
    return base64([...Array<number>(before).fill(0), ...bytes]).slice(
      from,
      Math.floor(((before + bytes.length) * 8) / 6),
    );
  });
  const all = [whole, whole.replace(/=+$/, ""), ...inside.filter((part) => part.length >= shortestKnown + 1)];
  return [
    hex,
    hex.toUpperCase(),
    ...all,
    ...all.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The long words of a value of several lines, such as a kubeconfig: most of its lines are no secret, and stand everywhere. */
function wordsOf(value: string): readonly string[] {
  if (!value.trim().includes("\n")) return [];
  return value.split(/\s+/).filter((word) => word.length >= 20 && !/^https?:/.test(word));
}

/** model/ has no Buffer. */
function base64(bytes: readonly number[]): string {
  return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
}

import { soundsSecret } from "../config/secrets";
import { withoutSecretLines } from "./secret-lines";

/** A text in which no secret is left, and what was taken out of it: kinds and counts, never values. */
export interface Scrubbed {
  readonly text: string;
  readonly removed: ReadonlyMap<string, number>;
}

/** Stands where a secret was. */
export const removedSecret = "[secret]";

/** Shorter values stand in too many innocent words. */
const shortestKnown = 6;

/** What is a secret wherever it stands, by its own form. Each is linear in the text's length. */
const forms: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ["encrypted value", /\bv1:[A-Za-z0-9+/]{11,24}={0,2}:[A-Za-z0-9+/:=]{8,}/g],
  ["PEM in base64", /\bLS0tLS1CRUdJTi[A-Za-z0-9+/]*={0,2}/g],
  ["GitHub token", /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g],
  ["GitLab token", /\bgl(?:pat|rt|cbt|dt)-[A-Za-z0-9_.-]{16,}/g],
  ["Pulumi token", /\bpul-[0-9a-f]{40}\b/g],
  ["AWS key", /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  ["Slack token", /\bxox[a-z]-[A-Za-z0-9-]{10,}/g],
  ["JSON web token", /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g],
  ["kubeadm token", /(?<![\w.-])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.-])/g],
  ["password hash", /\$(?:2[aby]|5|6|y|argon2id?)\$[A-Za-z0-9./$=,+-]{16,}/g],
  // A user's name alone is no secret, except where it is a token.
  ["login in an address", /\/\/(?:[^/@\s"':]*:[^/@\s"']+|(?<=https?:\/\/)[^/@\s"'*]{8,})@/g],
];

/** Takes every secret out: the values that are known to be one, and whatever has the form or the place of one. */
export function scrubbed(text: string, known: readonly string[] = []): Scrubbed {
  const removed = new Map<string, number>();
  const count = (kind: string) => removed.set(kind, (removed.get(kind) ?? 0) + 1);
  let rest = text;
  for (const value of spellings(known)) {
    rest = rest.replaceAll(value, () => (count("known value"), removedSecret));
  }
  rest = withoutPem(rest, () => count("PEM block"));
  for (const [kind, pattern] of forms) {
    rest = rest.replace(pattern, (match) => {
      if (match.includes(removedSecret)) return match;
      count(kind);
      return kind === "login in an address" ? `//${removedSecret}@` : removedSecret;
    });
  }
  rest = rest.replace(longBase64, (match) => {
    if (!/[a-z]/.test(match) || !/[A-Z]/.test(match) || !/[0-9]/.test(match)) return match;
    count("long base64");
    return removedSecret;
  });
  return { text: withoutSecretLines(rest, () => count("value of a secret key")), removed };
}

/** No digest, whose letters are of one case, no path, which has dots or dashes, and no public SSH key. */
const longBase64 = /(?<![A-Za-z0-9+/=_.-])(?!AAAA)[A-Za-z0-9+/]{48,}={0,2}(?![A-Za-z0-9+/=_.-])/g;

/** The values of environment variables whose names say that they hold a secret. */
export function secretsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && value !== "" && soundsSecret(name) ? [value] : [],
  );
}

/** Every way in which a known value may be written, the longest first: a part must not be taken out before its whole. */
function spellings(known: readonly string[]): readonly string[] {
  const values = known.flatMap((value) => [value.trim(), ...wordsOf(value)]).filter(fits);
  const spelt = values.flatMap((value) => [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    base64(value),
    base64(`${value}\n`),
  ]);
  return [...new Set(spelt)].sort((a, b) => b.length - a.length);
}

function fits(value: string): boolean {
  return value.length >= shortestKnown;
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

/** Also a block whose lines are escaped, prefixed by a diff or cut off before its end. */
function withoutPem(text: string, count: () => void): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const begin = text.indexOf("-----BEGIN ", from);
    if (begin < 0) break;
    const end = endOfPem(text, begin);
    parts.push(text.slice(from, begin), removedSecret);
    count();
    from = end;
  }
  return [...parts, text.slice(from)].join("");
}

function endOfPem(text: string, begin: number): number {
  const next = text.indexOf("-----BEGIN ", begin + 1);
  const own = text.slice(begin, next < 0 ? text.length : next);
  const end = own.indexOf("-----END ");
  if (end >= 0) {
    const close = own.indexOf("-----", end + "-----END ".length);
    return begin + (close < 0 ? own.length : close + "-----".length);
  }
  // Cut off: what follows is secret as long as it looks like base64.
  const body = /-----BEGIN [^\n-]{0,60}-*(?:[\s+~-]|\\n|[A-Za-z0-9/=]{16,})*/y;
  return begin + (body.exec(own)?.[0].trimEnd().length ?? 0);
}

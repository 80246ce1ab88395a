import type { Stack } from "../stack/schema";
import type { SecretPath } from "../stack/secrets";
import { type Results, type Rule, type RuleResult, listed } from "../findings/finding";

/** What a certificate in PEM is, the first one of several. */
export interface CertificateFacts {
  readonly isAuthority: boolean;
  /** Times in ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly state: "valid" | "expired" | "future";
}

/** Reads certificates and keys in PEM, which takes a cryptographic library and a clock; undefined is what it cannot read. */
export interface KeyPairReader {
  certificate(pem: string): CertificateFacts | undefined;
  isPublicKey(pem: string): boolean;
  /** `rsa`, `ec`, or another algorithm. */
  privateKeyKind(pem: string): string | undefined;
  /** Whether a private key belongs to a certificate or a public key. */
  matches(pem: string, privateKey: string): boolean | undefined;
}

/** What checks read in addition to the stack, where the program can read it. */
export type CheckSources = readonly [
  secrets?: ReadonlyMap<SecretPath, string> | undefined,
  keyPairs?: KeyPairReader | undefined,
];

/** What a check reads: the stack, the values of its secrets, and what certificates and keys are. */
type CheckInput = readonly [stack: Stack, ...CheckSources];

/** One thing that must hold for a stack, read from the stack alone. Without its secret, or the reader that it needs, a check passes. */
export interface Check extends Rule<CheckInput> {
  /** Whether a stack file may accept the finding; false where that would destroy data or deadlock the cluster. */
  readonly acceptable: boolean;
}

/** What a run returns: nothing is `[]`. */
export type CheckResults = Results<RuleResult>;

/** A check as it is written: an error that can be accepted, unless stated otherwise. */
export interface CheckDefinition
  extends Pick<Check, "id" | "summary" | "why">, Partial<Pick<Check, "severity" | "acceptable">> {
  readonly run: (...input: CheckInput) => CheckResults;
}

/** The check of a definition. */
export function defineCheck({ run, ...check }: CheckDefinition): Check {
  return { severity: "error", acceptable: true, ...check, run: (...input) => listed(run(...input)) };
}

/** A text of the stack file with its place, and whose it is where the place does not show it. */
export interface PlacedText {
  readonly at: string;
  readonly text: string;
  readonly of?: string | undefined;
}

/** A result for each text that an earlier entry has as well; `key` is the same for every spelling of a text. */
export function duplicates(
  entries: readonly PlacedText[],
  fix: string,
  key = (text: string) => text,
): readonly RuleResult[] {
  return repeated(entries, ({ text }) => key(text)).map(([first, { at, text }]) => ({
    at,
    problem: `"${text}" is also ${first.at}${first.of === undefined ? "" : ` (${first.of})`}`,
    fix,
  }));
}

/** Each entry whose key an earlier one has, together with the first that has it. */
export function repeated<T>(
  entries: readonly T[],
  key: (entry: T) => string,
): readonly (readonly [first: T, again: T])[] {
  const seen = new Map<string, T>();
  return entries.flatMap((entry) => {
    const first = seen.get(key(entry));
    if (first !== undefined) return [[first, entry] as const];
    seen.set(key(entry), entry);
    return [];
  });
}

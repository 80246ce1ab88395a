import type { z } from "zod";
import { type Finding, pathText } from "../findings/finding";
import { stackSchema } from "./schema";
import { alternativesOf, below, fieldsOf, schemaNode } from "./walk";

/** Path of a secret value in the stack file, such as `hosts[0].bmc.password`; replaces the value everywhere in model/. */
export type SecretPath = string;

/** A stack's raw configuration with every secret replaced by its path, and the values apart. */
export interface SeparatedSecrets {
  readonly raw: unknown;
  readonly values: ReadonlyMap<SecretPath, string>;
}

/**
 * Takes out what the schema marks as secret, and private keys in Helm values (the chart keeps each in a `key` next to its
 * `cert`; other keys named `key` are no secrets), so that nothing behind this line can print one.
 */
export function separateSecrets(raw: unknown): SeparatedSecrets {
  const values = new Map<SecretPath, string>();
  return { raw: take(raw, [stackSchema], [], values), values };
}

function take(
  value: unknown,
  schemas: readonly z.core.$ZodType[],
  path: readonly (string | number)[],
  values: Map<SecretPath, string>,
): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, i) => inside(item, i));
  if (typeof value !== "object" || value === null) return value;
  const holdsKeyPair = path[0] === "cilium" && path[1] === "values" && "cert" in value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, inside(item, key, holdsKeyPair && key === "key")]),
  );

  function inside(item: unknown, step: string | number, isPrivateKey = false): unknown {
    const inner = schemas.flatMap((schema) => below(schema, step));
    const isSecret = isPrivateKey || inner.some((schema) => schemaNode(schema).secret);
    if (!isSecret || typeof item !== "string" || item === "")
      return take(item, inner, [...path, step], values);
    const at = pathText([...path, step]);
    values.set(at, item);
    return at;
  }
}

/**
 * The value at a path of the stack file with every secret in it replaced by what `put` returns for its place. A text that is
 * the path of another place stays a text: a Helm value `bmc.password` must not become the password.
 */
export function withSecrets(
  value: unknown,
  path: readonly (string | number)[],
  put: (path: SecretPath) => string | undefined,
): unknown {
  if (typeof value === "string") return value === pathText(path) ? (put(value) ?? value) : value;
  if (Array.isArray(value)) return value.map((item, i) => withSecrets(item, [...path, i], put));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withSecrets(inner, [...path, key], put)]),
  );
}

/** Whether a key is for the name of an object that holds a secret, such as `existingSecret`; some write the secret itself there. */
export function namesSecretObject(key: string): boolean {
  return /secret$/i.test(key);
}

/** Names of all keys that the schema marks as secret; model/redaction/names.ts has to know each. */
export function secretKeys(schema: z.core.$ZodType = stackSchema): ReadonlySet<string> {
  const found = [...fieldsOf(schema)].flatMap(([key, inner]) => [
    ...(schemaNode(inner).secret ? [key] : []),
    ...alternativesOf(inner).flatMap((one) => [...secretKeys(below(one, 0)[0] ?? one)]),
  ]);
  return new Set(found);
}

/** Whether a schema is a map with a secret among its keys. */
export function holdsSecret(schema: z.core.$ZodType): boolean {
  return alternativesOf(schema).some((one) =>
    [...fieldsOf(one).values()].some((inner) => schemaNode(inner).secret),
  );
}

/**
 * The keys whose map, or list of maps, holds a secret, such as `bmc`, each with the keys of that map that hold none: a text in
 * the map's place, or under any other key in it, may be that secret.
 */
export function secretHolders(
  schema: z.core.$ZodType = stackSchema,
  found = new Map<string, Set<string>>(),
): ReadonlyMap<string, ReadonlySet<string>> {
  for (const [key, inner] of fieldsOf(schema)) {
    const maps = alternativesOf(inner).flatMap((one) => [one, ...below(one, 0).flatMap(alternativesOf)]);
    if (maps.some(holdsSecret)) {
      const open = maps.flatMap((map) => [...fieldsOf(map)].filter(([, value]) => !schemaNode(value).secret));
      found.set(key, new Set([...(found.get(key) ?? []), ...open.map(([name]) => name)]));
    }
    for (const map of maps) secretHolders(map, found);
  }
  return found;
}

/** A secret that is written in the stack file as it is. */
export function plainTextSecret(at: SecretPath): Finding {
  return {
    id: "secrets/encrypted",
    severity: "error",
    at,
    problem: "a secret is in the stack file in plain text",
    fix: `pulumi config set --secret --path 'metal:${at}'`,
  };
}

/**
 * Encrypted values at places that are no secrets, where the program would decrypt them into plain objects, and copies of
 * encrypted values. Helm values may be encrypted anywhere: which of them are secrets is known to their chart alone.
 */
export function misplacedSecrets({
  raw,
  encrypted,
}: {
  readonly raw: unknown;
  readonly encrypted: ReadonlyMap<string, string>;
}): readonly Finding[] {
  const { values } = separateSecrets(raw);
  const places = new Map([...encrypted].toReversed().map(([at, text]) => [text, at]));
  return [...encrypted].flatMap(([at, text]): readonly Finding[] => {
    const first = places.get(text) ?? at;
    return [
      ...(values.has(at) || /^cilium\.values[.[]/.test(at) ? [] : [encryptedText(at)]),
      ...(first === at ? [] : [copiedSecret(at, first)]),
    ];
  });
}

function encryptedText(at: string): Finding {
  return {
    id: "secrets/only-secrets",
    severity: "error",
    at,
    problem: "an encrypted value is where no secret belongs; it would be decrypted into a plain field",
    fix: `write it in plain text: pulumi config set --path 'metal:${at}' VALUE`,
  };
}

function copiedSecret(at: string, first: string): Finding {
  return {
    id: "secrets/encrypted-once",
    severity: "error",
    at,
    problem: `the encrypted value is a copy of the one at ${first}`,
    fix: `encrypt the value for this place: pulumi config set --secret --path 'metal:${at}'`,
  };
}

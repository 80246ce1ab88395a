import { z } from "zod";
import { type Finding, pathText } from "../findings/finding";
import { isMap } from "../kubernetes/object";
import { saysSecret } from "../redaction/entries";
import { holdsEntry, namesSecret } from "../redaction/names";
import { withoutSecrets } from "../redaction/text";
import { deceptive } from "./characters";
import { holdsSecret, namesSecretObject } from "./secrets";
import { alternativesOf, below, examplesOf, formOf, keysAt, schemaNode, schemasAt } from "./walk";
import { nearest } from "../text/wording";

/** How a value is spelt in the file, where that is known: `1.20` is 1.2 as data. */
export type Written = (at: string) => string | undefined;

/** So many unknown keys of a map are reported one by one; a map with more is another kind of file. */
const mostUnknownKeys = 200;

/** Everything there is to say about one thing that the schema refuses, in our own words. */
function findingsOfIssue(
  issue: z.core.$ZodIssue,
  root: z.core.$ZodType,
  raw: unknown,
  written: Written,
): readonly Finding[] {
  if (issue.code === "unrecognized_keys") {
    const shown = issue.keys.slice(0, mostUnknownKeys).map((key) => unknownKey(key, issue.path, root));
    return issue.keys.length === shown.length ? shown : [...shown, moreUnknownKeys(issue)];
  }
  if (issue.code === "invalid_union") {
    const nearestOption = closestAlternative(issue);
    if (nearestOption !== undefined) {
      return nearestOption.flatMap((inner) =>
        findingsOfIssue({ ...inner, path: [...issue.path, ...inner.path] }, root, raw, written),
      );
    }
  }
  return [refusedValue(issue, root, raw, written)];
}

/** All findings of all issues; a key that is missing because it is misspelt is reported once. */
export function findingsOfIssues(
  issues: readonly z.core.$ZodIssue[],
  root: z.core.$ZodType,
  raw: unknown,
  written: Written,
): readonly Finding[] {
  const findings = issues.flatMap((issue) => findingsOfIssue(issue, root, raw, written));
  const meant = new Set(
    findings.filter(({ on, write }) => on === "key" && write !== undefined).map(corrected),
  );
  return findings.filter(({ id, at }) => id !== "config/key-present" || !meant.has(at));
}

function corrected({ at, write }: Finding): string {
  return at.replace(/[^.]*$/, write ?? "");
}

/** Of a union's alternatives the one whose shape fits and that is least wrong. */
function closestAlternative(
  issue: Extract<z.core.$ZodIssue, { code: "invalid_union" }>,
): readonly z.core.$ZodIssue[] | undefined {
  return issue.errors
    .filter((issues) => issues.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"))
    .toSorted((a, b) => a.length - b.length)[0];
}

/**
 * The places that the schema refuses. The key that an unknown one was probably meant for is among them: its default is
 * not what the file has.
 */
export function refusedPlaces(
  issues: readonly z.core.$ZodIssue[],
  root: z.core.$ZodType,
): readonly (readonly PropertyKey[])[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [issue.path];
    const known = keysAt(root, issue.path);
    return issue.keys.slice(0, mostUnknownKeys).flatMap((key) => {
      const meant = nearest(key, known);
      return meant === undefined ? [] : [[...issue.path, meant]];
    });
  });
}

function unknownKey(key: string, path: readonly PropertyKey[], root: z.core.$ZodType): Finding {
  const known = keysAt(root, path);
  const guess = nearest(key, known);
  const odd = deceptive(key);
  // Someone may have written the secret as a key of its map.
  if (guess === undefined && schemasAt(root, path).some(holdsSecret)) {
    return {
      id: "config/key-known",
      severity: "error",
      at: pathText(path),
      problem: "one of the keys here is unknown",
      fix: `remove it; the keys here are ${known.join(", ")}`,
      on: "key",
    };
  }
  const at = pathText([...path, key]);
  const limit = unsupportedAt(at);
  if (limit !== undefined) return { ...refusedLimit(at, limit), on: "key" };
  return {
    id: "config/key-known",
    severity: "error",
    at,
    problem: `unknown key "${key}"${odd === undefined ? "" : `, which holds ${odd}`}`,
    fix:
      guess === undefined ? `remove it; the keys here are ${known.join(", ")}` : `did you mean "${guess}"?`,
    ...(guess === undefined ? {} : { write: guess }),
    on: "key",
  };
}

function moreUnknownKeys({ keys, path }: z.core.$ZodIssueUnrecognizedKeys): Finding {
  const at = pathText(path);
  return {
    id: "config/key-known",
    severity: "error",
    at,
    problem: `${keys.length - mostUnknownKeys} more unknown keys stand ${at === "" ? "in the stack file" : "here"}`,
    fix: "remove them; docs/configuration.md has all keys",
    on: "key",
  };
}

function refusedLimit(at: string, { why, fix }: Unsupported, value?: string): Finding {
  const subject = value === undefined ? `"${at.split(".").at(-1)}"` : JSON.stringify(value);
  return {
    id: "config/supported",
    severity: "error",
    at,
    problem: `${subject} is not supported: ${why}`,
    fix,
  };
}

function refusedValue(
  issue: z.core.$ZodIssue,
  root: z.core.$ZodType,
  raw: unknown,
  written: Written,
): Finding {
  const { path } = issue;
  const at = pathText(path);
  const schemas = schemasAt(root, path);
  const value = valueAt(raw, path);
  const base = { severity: "error" as const, at };
  if (issue.code === "invalid_key") {
    const isShown = !isSecretPlace(path.slice(0, -1), root, raw);
    return {
      ...base,
      id: "config/value-accepted",
      on: "key",
      problem: isShown ? `the key "${String(path.at(-1))}" is not accepted` : "a key here is not accepted",
      fix: `write another key`,
    };
  }
  if (value === undefined || value === null) return { ...base, ...absent(at, value, schemas) };
  const limit = mayBeShown(path, schemas, root, raw) ? unsupportedAt(at, value) : undefined;
  if (limit !== undefined) return refusedLimit(at, limit, String(value));
  return {
    id: "config/value-accepted",
    ...base,
    ...misfit(issue, value, mayBeShown(path, schemas, root, raw), schemas, written(at)),
  };
}

function absent(
  at: string,
  value: undefined | null,
  schemas: readonly z.core.$ZodType[],
): Pick<Finding, "id" | "problem" | "fix"> {
  const form = schemas
    .map(formOf)
    .map(({ noun }) => noun)
    .join(" or ");
  const sentence = schemas.map((schema) => schemaNode(schema).description).find((text) => text !== undefined);
  if (value === null) {
    return {
      id: "config/value-accepted",
      problem: `"${at}" is empty`,
      fix: `write ${form}, or remove the key`,
    };
  }
  const meaning = sentence === undefined ? "" : ` (${sentence.replace(/\.$/, "")})`;
  return { id: "config/key-present", problem: `"${at}" is missing`, fix: `add ${at}: ${form}${meaning}` };
}

function misfit(
  issue: z.core.$ZodIssue,
  value: unknown,
  isShown: boolean,
  schemas: readonly z.core.$ZodType[],
  written: string | undefined,
): Pick<Finding, "problem" | "fix"> & Partial<Finding> {
  const kinds = new Set(schemas.flatMap(alternativesOf).map((schema) => schema._zod.def.type));
  const noun = schemas.map((schema) => formOf(schema).noun).join(" or ");
  if (!isShown) {
    return {
      problem: `this is not ${noun}`,
      fix: `write ${noun}; secrets with pulumi config set --secret --path`,
    };
  }
  const shown = quoted(value, written);
  if (issue.code === "too_small" || issue.code === "too_big") {
    return bounds(issue, value, shown, noun);
  }
  if (typeof value === "number" && kinds.has("string") && written !== undefined) {
    const problem = `${shown} is a number here, not ${noun}`;
    if (isAccepted(written, schemas)) {
      const text = JSON.stringify(written);
      return { problem, fix: `put it in quotes: ${text}`, write: text };
    }
    return { problem, ...completed(written, schemas, noun) };
  }
  if (
    typeof value === "string" &&
    (kinds.has("number") || kinds.has("boolean")) &&
    /^(-?\d+|true|false)$/.test(value)
  ) {
    const problem = `${shown} is text, not ${noun}`;
    if (!isAccepted(JSON.parse(value), schemas)) return { problem, fix: `write ${noun}` };
    return { problem, fix: `write it without quotes: ${value}`, write: value };
  }
  if (kinds.has("array") && (typeof value === "string" || typeof value === "number")) {
    const problem = `${shown} is one value, not ${noun}`;
    const entry = [value, written].find((one) => one !== undefined && isAccepted([one], schemas));
    if (entry === undefined) return { problem, fix: `write ${noun}` };
    return { problem, fix: "put it in brackets, as a list of one entry" };
  }
  const choices = schemas.flatMap(alternativesOf).flatMap(choicesOf);
  if (choices.length > 0 && typeof value === "string") {
    const guess = nearest(value, choices);
    return {
      problem: `${shown} is none of ${choices.join(", ")}`,
      fix: guess === undefined ? `write one of ${choices.join(", ")}` : `did you mean "${guess}"?`,
      ...(guess === undefined ? {} : { write: guess }),
    };
  }
  const odd = typeof value === "string" ? deceptive(value) : undefined;
  if (odd !== undefined)
    return { problem: `${shown} is not ${noun}: it holds ${odd}`, fix: "type it again with plain letters" };
  const rest = typeof value === "string" ? completed(value, schemas, noun) : { fix: `write ${noun}` };
  return { problem: `${shown} is not ${noun}`, ...rest };
}

/** Whether a value is right in a place: a correction that the next run refuses is none. */
function isAccepted(value: unknown, schemas: readonly z.core.$ZodType[]): boolean {
  return schemas.some((schema) => z.safeParse(schema, value).success);
}

/** What to write instead of the beginning of a version, such as 1.19: a known release that begins so; else any right value. */
function completed(
  beginning: string,
  schemas: readonly z.core.$ZodType[],
  noun: string,
): Pick<Finding, "fix"> & Partial<Finding> {
  const bare = /^v?(\d+\.\d+(?:\.\d+)?)$/.exec(beginning)?.[1];
  const release = schemas
    .flatMap(alternativesOf)
    .flatMap(examplesOf)
    .find((one) => bare !== undefined && `${one}.`.replace(/^v/, "").startsWith(`${bare}.`));
  if (release === undefined || !isAccepted(release, schemas)) return { fix: `write ${noun}` };
  const text = JSON.stringify(release);
  return { fix: `write a full version: ${text}`, write: text };
}

function bounds(
  issue: Extract<z.core.$ZodIssue, { code: "too_small" | "too_big" }>,
  value: unknown,
  shown: string,
  noun: string,
): Pick<Finding, "problem" | "fix"> {
  const limit = Number(issue.code === "too_small" ? issue.minimum : issue.maximum);
  const word = issue.code === "too_small" ? "at least" : "at most";
  if (Array.isArray(value)) {
    const held = value.length === 0 ? "the list is empty" : `the list has ${value.length} entries`;
    return { problem: held, fix: `write ${word} ${limit} ${limit === 1 ? "entry" : "entries"}` };
  }
  if (typeof value === "string") {
    const held = value === "" ? "the text is empty" : `${shown} has ${value.length} characters`;
    return {
      problem: held,
      fix: value === "" ? `write ${noun}` : `write ${word} ${limit} characters`,
    };
  }
  return { problem: `${shown} is not ${noun}`, fix: `write ${noun}` };
}

function choicesOf(schema: z.core.$ZodType): readonly string[] {
  const { entries } = schema._zod.def as { readonly entries?: Readonly<Record<string, string>> };
  return Object.values(entries ?? {});
}

/** The value of a secret, or of anything in the place of a secret, is never repeated. */
function mayBeShown(
  path: Path,
  schemas: readonly z.core.$ZodType[],
  root: z.core.$ZodType,
  raw: unknown,
): boolean {
  return !schemas.some(holdsSecret) && !isSecretPlace(path, root, raw);
}

type Path = readonly PropertyKey[];

/**
 * Whether a place is a secret by its keys, is where a map with a secret should be, or is one by what stands with it: the value of `{ name: TOKEN, value: … }`, the content of a
 * file whose path is one of a secret.
 */
export function isSecretPlace(path: Path, root: z.core.$ZodType, raw: unknown): boolean {
  return path.some((step, i) => {
    const inPlace = schemasAt(root, path.slice(0, i)).filter(holdsSecret);
    if (inPlace.length > 0 && inPlace.every((schema) => below(schema, step).length === 0)) return true;
    if (typeof step !== "string") return false;
    if (namesSecret(step) || namesSecretObject(step)) return true;
    if (!holdsEntry(step)) return false;
    const map = valueAt(raw, path.slice(0, i));
    return isMap(map) && Object.entries(map).some(([key, value]) => saysSecret(key, String(value)));
  });
}

function quoted(value: unknown, written: string | undefined): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value === "number") return written ?? String(value);
  // Before it is cut: half of a login would not be recognized as one.
  const text = JSON.stringify(withoutSecrets(String(value)));
  return text.length > 100 ? `${text.slice(0, 90)}..."` : text;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let here = raw;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[step];
  }
  return here;
}

/** Something that people of this field write, and that this project does not support: why, and what to write instead. */
interface Unsupported {
  /** Place of the key, list indexes left out: `hosts[].firmware`. */
  readonly at: string;
  /** The values that are meant; every value when left out. */
  readonly value?: RegExp;
  readonly why: string;
  readonly fix: string;
}

/** The README's "Limits" explains them at greater length. */
const unsupported: readonly Unsupported[] = [
  {
    at: "hosts[].firmware",
    why: "no BMC driver of the Baremetal Operator 0.13 or 0.14 takes firmware settings on the host, its webhook refuses them",
    fix: "remove it, and write the settings into spec.settings of the host's HostFirmwareSettings object, by the names in its status.settings",
  },
  {
    at: "machines.format",
    why: "only cloud-config is written: Cluster API's Ignition is alpha, off by default, and has no values for the node's name, labels and address",
    fix: "remove it, and use an image with cloud-init (docs/image.md)",
  },
  {
    at: "hosts[].gateway",
    why: "the gateway belongs to the network that hosts share",
    fix: "remove it, and write network.gateway, the gateway of the host's rack in network.racks, or gateways of a network in network.additional",
  },
  {
    at: "kubernetes.endpoint.host",
    value: /^(?!\d+(\.\d+)*$)(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
    why: "it is a name, and Cilium, which brings the cluster's DNS, gets the API server's address, so that it needs no DNS",
    fix: "write the address that the name resolves to, and the name as kubernetes.endpoint.name, which kubelets and kubeconfigs then use",
  },
];

/** The message for a key or value that is known and not supported; undefined when it is neither. */
function unsupportedAt(place: string, value?: unknown): Unsupported | undefined {
  const bare = place.replace(/\[\d+\]/g, "[]");
  return unsupported.find(
    ({ at, value: form }) =>
      at === bare && (form === undefined || (typeof value === "string" && form.test(value))),
  );
}

import type { Finding } from "../findings";
import { deceptive, isInvisible } from "./characters";
import { pathText } from "./path";
import { objectName } from "./primitives";
import { type Stack, clusterNameLength, stackSchema } from "./schema";
import { type Written, findingsOfIssues } from "./wording";

/** Either a stack that obeys the schema, or everything that the schema finds wrong with it. */
export type StackReading =
  | { readonly stack: Stack; readonly findings?: undefined }
  | { readonly stack?: undefined; readonly findings: readonly Finding[] };

/**
 * Validates a raw configuration (secrets already taken out) and fills in the defaults; never throws. `written` says how a
 * value is spelt in the file, where there is one.
 */
export function readStack(raw: unknown, stackName: string, written: Written = () => undefined): StackReading {
  const invisible = invisibleCharacters(raw, []);
  const result = stackSchema.safeParse(raw);
  if (!result.success) {
    const refused = findingsOfIssues(result.error.issues, stackSchema, raw, written);
    return { findings: [...invisible, ...refused] };
  }
  const name = result.data.name ?? stackName;
  const unfit = objectName().safeParse(name).success ? [] : [unfitName(stackName)];
  const findings = [...invisible, ...unfit];
  return findings.length > 0 ? { findings } : { stack: { ...result.data, name } };
}

function unfitName(stackName: string): Finding {
  const proposal = stackName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, clusterNameLength);
  return {
    id: "config/value-accepted",
    severity: "error",
    at: "name",
    problem: `the cluster is named after the stack, and "${stackName}" is no name for it`,
    fix: `add metal:name: ${proposal === "" ? "capi-1" : proposal}`,
  };
}

/** Texts with characters that nobody can see; the content of files is nobody's business here. */
function invisibleCharacters(value: unknown, path: readonly (string | number)[]): readonly Finding[] {
  if (typeof value === "string") {
    return [...value].some(isInvisible) && path.at(-1) !== "content" ? [invisibleAt(path, value)] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, i) => invisibleCharacters(item, [...path, i]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => invisibleCharacters(item, [...path, key]));
}

function invisibleAt(path: readonly (string | number)[], text: string): Finding {
  const odd = [...text].filter(isInvisible).join("");
  return {
    id: "config/characters-visible",
    severity: "error",
    at: pathText(path),
    problem: `this text holds ${deceptive(odd) ?? "an invisible character"}`,
    fix: "type it again; it was probably pasted from a web page",
  };
}

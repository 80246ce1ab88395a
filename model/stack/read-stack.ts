import type { z } from "zod";
import { type Finding, pathText } from "../findings/finding";
import { deceptive, isInvisible } from "./characters";
import { partialStack } from "./partial-stack";
import { objectName } from "./primitives";
import { type Stack, clusterNameLength, stackSchema } from "./schema";
import { type Written, findingsOfIssues, isSecretPlace, refusedPlaces } from "./wording";

/** A stack that obeys the schema; or everything that the schema finds wrong with it, and what can be read nevertheless. */
export type StackReading =
  | { readonly stack: Stack; readonly partial?: undefined; readonly findings?: undefined }
  | {
      readonly stack?: undefined;
      /** Throws UnparsedValueError where a place is read that was refused. */
      readonly partial: Stack;
      readonly findings: readonly Finding[];
    };

type Path = readonly (string | number)[];

/**
 * Validates a raw configuration (secrets already taken out) and fills in the defaults; never throws. `written` returns how a
 * value is spelt in the file, where there is one.
 */
export function readStack(raw: unknown, stackName: string, written: Written = () => undefined): StackReading {
  const invisible = invisibleCharacters(raw, []);
  const result = stackSchema.safeParse(raw);
  const form = result.error?.issues ?? [];
  const filled = result.data ?? filledIn(raw);
  const isNameUnfit = filled.name === undefined && !objectName().safeParse(stackName).success;
  const inForm = findingsOfIssues(form, stackSchema, raw, written);
  const refusedByForm = new Set(inForm.map(({ at }) => at));
  const findings = [
    ...invisible.map(({ path, text }) => invisibleAt(path, text)),
    ...inForm,
    ...oddNumbers(raw, [], written, raw).filter(({ at }) => !refusedByForm.has(at)),
    ...(isNameUnfit ? [unfitName(stackName)] : []),
  ];
  const stack = { ...filled, name: filled.name ?? stackName };
  if (findings.length === 0) return { stack };
  const refused = [...refusedPlaces(form, stackSchema), ...invisible.map(({ path }) => path)];
  return { partial: partialStack(stack, isNameUnfit ? [...refused, ["name"]] : refused), findings };
}

/** The stack with its defaults although parts of it are refused: what zod works on, and hands out only when all is well. */
function filledIn(raw: unknown): z.infer<typeof stackSchema> {
  const { value } = stackSchema._zod.run({ value: raw, issues: [] }, { async: false }) as z.core.ParsePayload;
  return (typeof value === "object" && value !== null ? value : {}) as z.infer<typeof stackSchema>;
}

/** Numbers whose spelling YAML readers understand differently: `017` is 17 to some and 15 to others, `0o17` is a text. */
function oddNumbers(value: unknown, path: Path, written: Written, raw: unknown): readonly Finding[] {
  // Values of charts are read by Helm, as it does.
  if (path.join(".") === "cilium.values") return [];
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) =>
      oddNumbers(inner, [...path, Array.isArray(value) ? Number(key) : key], written, raw),
    );
  }
  if (typeof value !== "number" && !(typeof value === "string" && path.length === 1)) return [];
  const at = pathText(path);
  const spelt = written(at) ?? "";
  if (!/^[-+]?(?:0[\dxXoObB]|[\d.]*\d[\d.]*[eE])/.test(spelt) || !Number.isFinite(Number(value))) return [];
  const isShown = !isSecretPlace(path, stackSchema, raw);
  return [
    {
      id: "config/value-accepted",
      severity: "error",
      at,
      problem: `${isShown ? spelt : "this"} is a number in a spelling that readers of YAML understand differently`,
      fix: `write it with decimal digits${isShown ? `: ${String(value)}` : ", or in quotes"}`,
      ...(isShown ? { write: String(value) } : {}),
    },
  ];
}

function unfitName(stackName: string): Finding {
  const proposal = stackName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, clusterNameLength)
    .replace(/-$/, "");
  return {
    id: "config/value-accepted",
    severity: "error",
    at: "name",
    problem: `the cluster is named after the stack, and "${stackName}" is no name for it`,
    fix: `add metal:name: ${proposal === "" ? "capi-1" : proposal}`,
  };
}

/** Texts with invisible characters; the content of files is not inspected. */
function invisibleCharacters(value: unknown, path: Path): readonly { path: Path; text: string }[] {
  if (typeof value === "string") {
    return [...value].some(isInvisible) && path.at(-1) !== "content" ? [{ path, text: value }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, i) => invisibleCharacters(item, [...path, i]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => invisibleCharacters(item, [...path, key]));
}

function invisibleAt(path: Path, text: string): Finding {
  const odd = [...text].filter(isInvisible).join("");
  return {
    id: "config/characters-visible",
    severity: "error",
    at: pathText(path),
    problem: `this text holds ${deceptive(odd) ?? "an invisible character"}`,
    fix: "type it again; it was probably pasted from a web page",
  };
}

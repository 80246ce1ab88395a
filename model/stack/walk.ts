import { z } from "zod";

/** One place of the schema, with what wraps it (defaults, optional) taken off. */
export interface SchemaNode {
  /** The innermost schema: an object, a list, a union, a text, … */
  readonly schema: z.core.$ZodType;
  /** Whether the stack file may leave it out. */
  readonly optional: boolean;
  /** The default; undefined when there is none; undefined when there is none. */
  readonly defaultValue: unknown;
  /** The sentence that describes it. */
  readonly description: string | undefined;
  /** Whether its value must be encrypted in the stack file. */
  readonly secret: boolean;
}

/** Takes defaults, optional and the like off a schema. */
export function schemaNode(schema: z.core.$ZodType): SchemaNode {
  const layers = layersOf(schema);
  const metas = layers.map((layer) => z.globalRegistry.get(layer) ?? {});
  const defaults = layers
    .map((layer) => layer._zod.def as { readonly type: string; readonly defaultValue?: unknown })
    .find(({ type }) => type === "default" || type === "prefault");
  return {
    schema: layers.at(-1) ?? schema,
    optional: layers.some(({ _zod: { def } }) => ["optional", "default", "prefault"].includes(def.type)),
    defaultValue: defaults?.defaultValue,
    description: metas.map(({ description }) => description).find((text) => text !== undefined),
    secret: metas.some((meta) => meta["secret"] === true),
  };
}

function layersOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = schema._zod.def as { readonly innerType?: z.core.$ZodType; readonly in?: z.core.$ZodType };
  const inner = def.innerType ?? def.in;
  return inner === undefined ? [schema] : [schema, ...layersOf(inner)];
}

/** The keys of an object schema, in their order; none for anything else. */
export function fieldsOf(schema: z.core.$ZodType): ReadonlyMap<string, z.core.$ZodType> {
  const { shape } = schemaNode(schema).schema._zod.def as {
    readonly shape?: Record<string, z.core.$ZodType>;
  };
  return new Map(Object.entries(shape ?? {}));
}

/** The alternatives of a schema: a union's options, else itself alone. */
export function alternativesOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const inner = schemaNode(schema).schema;
  const { options } = inner._zod.def as { readonly options?: readonly z.core.$ZodType[] };
  return options === undefined ? [inner] : options.flatMap(alternativesOf);
}

/** The schemas below one step of a path: one for an object's key, several where a union allows several. */
export function below(schema: z.core.$ZodType, step: PropertyKey): readonly z.core.$ZodType[] {
  return alternativesOf(schema).flatMap((alternative) => {
    const def = alternative._zod.def as {
      readonly shape?: Record<string, z.core.$ZodType>;
      readonly element?: z.core.$ZodType;
      readonly valueType?: z.core.$ZodType;
    };
    const found =
      typeof step === "number"
        ? def.element
        : def.shape !== undefined && Object.hasOwn(def.shape, step)
          ? def.shape[String(step)]
          : def.valueType;
    return found === undefined ? [] : [found];
  });
}

/** The schemas at a path; empty where the path leads out of the schema. */
export function schemasAt(root: z.core.$ZodType, path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  return path.reduce<readonly z.core.$ZodType[]>(
    (schemas, step) => schemas.flatMap((schema) => below(schema, step)),
    [root],
  );
}

/** The keys that may stand below a path; none where the path leads out of the schema. */
export function keysAt(root: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  return schemasAt(root, path)
    .flatMap(alternativesOf)
    .flatMap((schema) => [...fieldsOf(schema).keys()]);
}

/** What a schema requires, as messages write it: `a whole number from 1 to 255`. */
export function formOf(schema: z.core.$ZodType): { readonly noun: string; readonly example?: string } {
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 1)
    return { noun: [...new Set(alternatives.map((one) => formOf(one).noun))].join(" or ") };
  const meta = nounMeta(schema);
  const example = examplesOf(schema)[0];
  if (meta !== undefined) {
    const noun = String(meta["noun"]);
    const such = example === undefined ? "" : `, such as ${example}`;
    return {
      noun: `${/^[aeiouI]/.test(noun) ? "an" : "a"} ${noun}${such}`,
      ...(example === undefined ? {} : { example }),
    };
  }
  return { noun: plainNoun(schemaNode(schema).schema) };
}

/** Values that are right in a place, the most usual first. */
export function examplesOf(schema: z.core.$ZodType): readonly string[] {
  return (nounMeta(schema)?.["examples"] as readonly string[] | undefined) ?? [];
}

function nounMeta(schema: z.core.$ZodType): Readonly<Record<string, unknown>> | undefined {
  return layersOf(schema)
    .map((layer) => z.globalRegistry.get(layer))
    .find((found) => found?.["noun"] !== undefined);
}

function plainNoun(schema: z.core.$ZodType): string {
  const def = schema._zod.def as {
    readonly type: string;
    readonly entries?: Record<string, string>;
    readonly values?: readonly unknown[];
  };
  switch (def.type) {
    case "number": {
      const { minValue, maxValue } = schema as { readonly minValue?: number; readonly maxValue?: number };
      return `a whole number from ${minValue ?? "any"} to ${maxValue ?? "any"}`;
    }
    case "boolean":
      return "true or false";
    case "enum":
      return `one of ${Object.values(def.entries ?? {}).join(", ")}`;
    case "literal":
      return (def.values ?? []).map(String).join(" or ");
    case "array":
      return "a list";
    case "object":
      return `a map with keys such as ${[...fieldsOf(schema).keys()].slice(0, 3).join(", ")}`;
    case "record":
      return "a map of names to values";
    default:
      return "a text";
  }
}

import { z } from "zod";

/** One place of the schema, with what wraps it (defaults, optional) taken off. */
export interface SchemaNode {
  /** The innermost schema: an object, a list, a union, a text, … */
  readonly schema: z.core.$ZodType;
  /** Whether the stack file may leave it out. */
  readonly optional: boolean;
  /** The value that stands in when it is left out; undefined when there is none. */
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
  const { innerType } = schema._zod.def as { readonly innerType?: z.core.$ZodType };
  return innerType === undefined ? [schema] : [schema, ...layersOf(innerType)];
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

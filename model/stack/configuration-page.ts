import { z } from "zod";
import { stackSchema } from "./schema";
import { alternativesOf, below, fieldsOf, formOf, schemaNode } from "./walk";

/** One key of the stack file, as the documentation shows it. */
export interface ConfigurationKey {
  /** `hosts[].bmc.address`; `*` is any name. */
  readonly at: string;
  readonly type: string;
  /** The default as YAML; undefined where there is none. */
  readonly defaultText: string | undefined;
  readonly required: boolean;
  readonly unit: string;
  readonly sentence: string;
  readonly example: string;
}

/** Every key of the stack file, each map's keys after the map itself. */
export function configurationKeys(): readonly ConfigurationKey[] {
  return keysBelow(stackSchema, "");
}

function keysBelow(schema: z.core.$ZodType, prefix: string): readonly ConfigurationKey[] {
  return alternativesOf(schema).flatMap((alternative) => {
    const fields = [...fieldsOf(alternative)].flatMap(([key, inner]) => {
      const at = prefix === "" ? key : `${prefix}.${key}`;
      return [keyOf(at, inner), ...keysBelow(inner, at)];
    });
    const def = alternative._zod.def as { readonly valueType?: z.core.$ZodType };
    const inside =
      def.valueType === undefined
        ? below(alternative, 0).flatMap((one) => keysBelow(one, `${prefix}[]`))
        : [];
    return [...fields, ...inside];
  });
}

function keyOf(at: string, schema: z.core.$ZodType): ConfigurationKey {
  const node = schemaNode(schema);
  return {
    at,
    type: typeText(schema),
    defaultText: node.defaultValue === undefined ? undefined : yamlText(node.defaultValue),
    required: !node.optional,
    unit: unitOf(at, schema),
    sentence: node.description ?? "",
    example: formOf(schema).example ?? "",
  };
}

function typeText(schema: z.core.$ZodType): string {
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 1) return alternatives.map(typeText).join(" or ");
  const { schema: inner, secret } = schemaNode(schema);
  const def = inner._zod.def as {
    readonly type: string;
    readonly element?: z.core.$ZodType;
    readonly valueType?: z.core.$ZodType;
  };
  if (secret) return "encrypted text";
  if (def.element !== undefined) return `list of ${typeText(def.element)}`;
  if (def.valueType !== undefined) return `map of names to ${typeText(def.valueType)}`;
  if (def.type === "object") return "map";
  if (def.type === "unknown") return "anything";
  return formOf(schema)
    .noun.replace(/(, such as| of at most) .*/, "")
    .replace(/^an? /, "");
}

/** Where a name does not end in its unit, the schema has the unit. */
function unitOf(at: string, schema: z.core.$ZodType): string {
  const named = /(Seconds|Gigabytes)$/.exec(at)?.[1]?.toLowerCase();
  if (named !== undefined) return named;
  const meta = z.globalRegistry.get(schemaNode(schema).schema);
  return typeof meta?.["unit"] === "string" ? meta["unit"] : "";
}

function yamlText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** docs/configuration.md. */
export function configurationPage(): string {
  const sections = [...fieldsOf(stackSchema).keys()].map((name) => {
    const keys = configurationKeys().filter(
      ({ at }) => at === name || at.startsWith(`${name}.`) || at.startsWith(`${name}[`),
    );
    const [first, ...rest] = keys;
    return [
      `## metal:${name}`,
      "",
      `${first?.sentence ?? ""} ${first === undefined ? "" : `(${first.type}, ${need(first)})`}`.trim(),
      "",
      ...(rest.length === 0
        ? []
        : [
            "| key | type | default | unit | meaning | example |",
            "|---|---|---|---|---|---|",
            ...rest.map(row),
            "",
          ]),
    ].join("\n");
  });
  return [
    "# Configuration",
    "",
    "Every key of a stack file `Pulumi.<stack>.yaml`, below `config:`. Written by `npm run docs` from the schema in",
    "`model/stack/`, which also gives editors `docs/stack.schema.json`. `[]` is each entry of a list.",
    "Unknown keys are refused, with the nearest real one.",
    "",
    ...sections,
  ].join("\n");
}

function row(key: ConfigurationKey): string {
  return `| ${[`\`${key.at}\``, key.type, need(key), key.unit, key.sentence, key.example]
    .map((cell) => cell.replaceAll("|", "\\|"))
    .join(" | ")} |`;
}

function need({ defaultText, required }: ConfigurationKey): string {
  if (required) return "required";
  return defaultText === undefined ? "none" : `\`${defaultText}\``;
}

import fs from "node:fs";
import path from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";

/** Validators by `apiVersion/kind`, compiled when they are wanted. */
export interface CrdSchemas {
  readonly get: (key: string) => ValidateFunction | undefined;
}

/** The validators of all kinds whose CRDs are in the folders, as strict field validation reads them. */
export function crdSchemas(folders: readonly string[]): CrdSchemas {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const schemas = new Map<string, unknown>();
  const compiled = new Map<string, ValidateFunction>();
  for (const here of folders) {
    for (const file of fs.readdirSync(here, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".yaml")) continue;
      const crd = parse(fs.readFileSync(path.join(here, file), "utf8")) as Crd;
      for (const { name, schema } of crd.spec.versions)
        schemas.set(`${crd.spec.group}/${name}/${crd.spec.names.kind}`, schema.openAPIV3Schema);
    }
  }
  return {
    get: (key) => {
      const schema = schemas.get(key);
      if (schema === undefined) return undefined;
      const validate = compiled.get(key) ?? ajv.compile(closed(schema) as object);
      compiled.set(key, validate);
      return validate;
    },
  };
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: unknown };
    }[];
  };
}

/** The schema as strict field validation reads it: objects with known properties take no others. */
function closed(schema: unknown, top = true): unknown {
  if (Array.isArray(schema)) return schema.map((each) => closed(each, false));
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === "properties") {
      const properties = Object.entries(value as object).map(([name, each]): [string, unknown] => [
        name,
        // Metadata is described elsewhere.
        top && name === "metadata" ? {} : closed(each, false),
      ]);
      return [key, Object.fromEntries(properties)];
    }
    return [
      key,
      ["items", "additionalProperties", "allOf", "anyOf", "oneOf"].includes(key)
        ? closed(value, false)
        : value,
    ];
  });
  const result = Object.fromEntries(entries);
  const open = "additionalProperties" in result || result["x-kubernetes-preserve-unknown-fields"] === true;
  return "properties" in result && !open ? { ...result, additionalProperties: false } : result;
}

import { z } from "zod";
import { stackSchema } from "./schema";
import { schemaNode } from "./walk";

/** What an encrypted value looks like in a stack file. */
const encrypted = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

/** Words of ours that no JSON Schema knows. */
const ownWords = ["noun", "secret", "unit"];

/**
 * The JSON Schema of a whole stack file, for editors (draft 7, which the YAML language server reads): keys with their
 * `metal:` prefix, secrets encrypted only, keys of other projects and providers as they like.
 */
export function stackFileJsonSchema(): Record<string, unknown> {
  const { properties, required } = z.toJSONSchema(stackSchema, {
    io: "input",
    target: "draft-07",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const { secret, description } = schemaNode(zodSchema);
      if (secret) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
        Object.assign(jsonSchema, description === undefined ? {} : { description }, encrypted);
      }
      for (const word of ownWords) delete (jsonSchema as Record<string, unknown>)[word];
    },
  }) as { properties: Record<string, unknown>; required: readonly string[] };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Stack file of metal: one bare-metal Kubernetes cluster",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(properties).map(([key, value]) => [`metal:${key}`, value]),
        ),
        required: required.map((key) => `metal:${key}`),
        patternProperties: { "^(?!metal:)": {} },
        additionalProperties: false,
      },
      encryptionsalt: { type: "string" },
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
      environment: {},
    },
    required: ["config"],
    additionalProperties: false,
  };
}

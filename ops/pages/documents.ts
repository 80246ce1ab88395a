import { configurationPage } from "../../model/config/configuration-page";
import { stackFileJsonSchema } from "../../model/config/json-schema";
import { checksPage } from "./checks-page";

/** Every generated document, by its path in the project. */
export const documents: Readonly<Record<string, () => string>> = {
  "docs/stack.schema.json": () => `${JSON.stringify(stackFileJsonSchema(), undefined, 2)}\n`,
  "docs/configuration.md": configurationPage,
  "docs/checks.md": checksPage,
};

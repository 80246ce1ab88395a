import fs from "node:fs";
import path from "node:path";
import { configurationPage } from "../../model/stack/configuration-page";
import { stackFileJsonSchema } from "../../model/stack/json-schema";
import { supportedVersionsTable } from "../../model/stack/supported-versions";
import { checkPages } from "./check-pages";

/** Every generated document, by its path in the project. */
export const documents: Readonly<Record<string, () => string>> = {
  "docs/stack.schema.json": () => `${JSON.stringify(stackFileJsonSchema(), undefined, 2)}\n`,
  "docs/configuration.md": configurationPage,
  ...checkPages(),
  "README.md": readme,
};

const section = /(<!-- supported versions[^>]*-->\n)[^]*?(<!-- end of supported versions -->)/;

/** The README as it is, with the table of supported versions written again. */
function readme(): string {
  const text = fs.readFileSync(path.join(__dirname, "../../README.md"), "utf8");
  return text.replace(
    section,
    (_, begin: string, end: string) => `${begin}\n${supportedVersionsTable()}\n\n${end}`,
  );
}

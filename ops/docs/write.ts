import fs from "node:fs";
import path from "node:path";
import { documents } from "./check-pages";

/** `npm run docs`: writes every generated document. */
for (const [file, text] of Object.entries(documents)) {
  fs.writeFileSync(path.join(__dirname, "../..", file), text());
}

import fs from "node:fs";
import path from "node:path";

/** Every id that the sources of a folder write, such as `id: "net/cidrs-disjoint"`. */
export function idsIn(folder: string): readonly string[] {
  const root = path.join(__dirname, "../..", folder);
  return fs
    .readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [...fs.readFileSync(path.join(root, file), "utf8").matchAll(/^ +id: "([^"]+)"/gm)])
    .flatMap(([, id]) => id ?? []);
}

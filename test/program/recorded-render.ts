import fs from "node:fs";
import path from "node:path";

/** A short render in the shape of the Cilium CLI's: just what the proofs read, and one object of every kind adopted. */
export function ciliumRenderOf(): string {
  return fs.readFileSync(path.join(__dirname, "render.yaml"), "utf8");
}

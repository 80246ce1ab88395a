import type { Stack } from "../../config/schema";
import { controlPlaneFiles } from "../../manifests/machine-files";

/** Paths of the files that this program writes on machines, without the user's own. */
export function ownFilePaths(stack: Stack): readonly string[] {
  return controlPlaneFiles({ ...stack, machines: { ...stack.machines, files: [] } }).map(({ path }) => path);
}

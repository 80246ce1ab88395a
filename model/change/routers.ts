import { structuredPatch } from "diff";
import type { ClusterPlan } from "../plan/plan";
import type { RouterChange } from "./change";

/** What each router's configuration gains and loses, as far as it comes from this stack. Passwords are placeholders. */
export function routerChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly RouterChange[] {
  const [old, fresh] = [before?.routerConfigurations ?? {}, after?.routerConfigurations ?? {}];
  return [...new Set([...Object.keys(fresh), ...Object.keys(old)])].sort().flatMap((router) => {
    const { hunks } = structuredPatch("", "", old[router] ?? "", fresh[router] ?? "", "", "", { context: 2 });
    if (hunks.length === 0) return [];
    const diff = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      ...lines,
    ]);
    const count = (sign: string) =>
      hunks.flatMap(({ lines }) => lines).filter((line) => line.startsWith(sign)).length;
    return [{ router, added: count("+"), removed: count("-"), diff }];
  });
}

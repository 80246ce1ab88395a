import type { PrefixRule } from "../bgp/prefixes";
import type { ClusterPlan } from "../plan/plan";
import type { RouteChange } from "./change";

/** Routes that each router takes from this cluster and did not, or did and no longer does. */
export function routeChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly RouteChange[] {
  const [old, fresh] = [prefixesOf(before), prefixesOf(after)];
  return [...new Set([...fresh.keys(), ...old.keys()])].sort().flatMap((router) => {
    const [left, right] = [old.get(router) ?? noPrefixes, fresh.get(router) ?? noPrefixes];
    return [
      ...[...left]
        .filter((prefix) => !right.has(prefix))
        .map((prefix) => ({ router, change: "lost" as const, prefix })),
      ...[...right]
        .filter((prefix) => !left.has(prefix))
        .map((prefix) => ({ router, change: "gained" as const, prefix })),
    ];
  });
}

const noPrefixes: ReadonlySet<string> = new Set();

function prefixesOf(plan: ClusterPlan | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    (plan?.routers ?? []).map(({ router, groups }) => [
      router,
      new Set(groups.flatMap(({ accept }) => accept).map(ruleText)),
    ]),
  );
}

/** A set of routes in few words. */
function ruleText({ prefix, ge, le }: PrefixRule): string {
  if (ge === undefined && le === undefined) return prefix;
  return ge === le ? `${prefix} in pieces of /${ge}` : `${prefix} in pieces of /${ge ?? ""} to /${le ?? ""}`;
}

import { type StructuredPatchHunk, structuredPatch } from "diff";
import type { PrefixRule } from "../bgp/prefixes";
import {
  type Effect,
  type Level,
  type ObjectChange,
  type RouteChange,
  type RouterChange,
  type SessionChange,
  howMany,
} from "./change";
import { mostEdits, pathsOf } from "./fields";
import { isLoadBalancing } from "./load-balancer-effects";
import { type Words, joined, named, plainWords, words } from "./formatted-text";
import { advertiseLabel } from "../kubernetes/labels";
import { isPublic, parseCidr } from "../net/addresses";
import type { ClusterPlan } from "../plan/plan";
import { counted } from "../text/wording";

/** The rows of the overview about BGP sessions, routes and objects. */
export function bgpEffects(
  sessions: readonly SessionChange[],
  routes: readonly RouteChange[],
  objects: readonly ObjectChange[],
): readonly Effect[] {
  const resets = sessions.filter(({ change }) => change === "reset");
  const rows = [
    ...[true, false].flatMap((sure) =>
      resetRow(resets.filter(({ needsRouter, isSure }) => needsRouter && isSure === sure)),
    ),
    ...resetRow(resets.filter(({ needsRouter }) => !needsRouter)),
    ...countRow(
      sessions.filter(({ change }) => change === "removed"),
      "removed",
    ),
    ...countRow(
      sessions.filter(({ change }) => change === "added"),
      "added",
    ),
    ...routeRows(routes),
  ];
  return [...rows, ...objectRows(objects, rows.length > 0)];
}

/** The objects behind sessions and routes, and those that change neither; address pools have rows of their own. */
function objectRows(objects: readonly ObjectChange[], hasRows: boolean): readonly Effect[] {
  const row = (level: Level, found: readonly ObjectChange[], effect: string): readonly Effect[] =>
    found.length === 0
      ? []
      : [
          {
            level,
            area: "bgp",
            what: named([...new Set(found.map(({ kind, name }) => `${kind} ${name}`))]),
            effect: plainWords(effect),
          },
        ];
  const own = objects.filter((object) => !isLoadBalancing(object));
  const withdrawn = own.filter(withdrawsServices);
  const announcing = own.filter((object) => isAnnouncing(object) && !withdrawn.includes(object));
  const closer = own.filter(reachesLess);
  const others = own.filter((object) => !isAnnouncing(object) && !closer.includes(object));
  return [
    ...row(
      "high",
      withdrawn,
      "routes of services that it no longer selects are withdrawn at once: their addresses are not reached any more",
    ),
    ...row(
      "medium",
      announcing,
      "which routes the nodes announce may change at once; no session is reset for it",
    ),
    ...row("medium", closer, "sessions with a router that is more hops away than this end, and stay down"),
    ...row(
      "low",
      others,
      hasRows
        ? `${howMany(others)}: the objects of these sessions and routes`
        : "changed in place: no session is reset, and no route comes or goes",
    ),
  ];
}

/** What nodes announce, as opposed to what routers accept. */
function isAnnouncing({ kind }: ObjectChange): boolean {
  return kind === "CiliumBGPAdvertisement";
}

/** Whether nodes no longer announce some services: an entry goes, selects others, or has fewer of their addresses. */
function withdrawsServices(object: ObjectChange): boolean {
  if (!isAnnouncing(object) || object.change === "added") return false;
  if (object.change === "removed") return true;
  const isOfAll = object.fields.some(({ after }) => after.some((line) => line.includes(advertiseLabel)));
  return object.fields.some((field) => {
    const isAt = (part: RegExp) => pathsOf(field).some((path) => part.test(path));
    if (field.before.length === 0) return false;
    if (isAt(/\.selector\b/)) return !isOfAll;
    return (
      isAt(/\.service\.addresses\b/) || field.before.some((line) => /^advertisementType: Service$/.test(line))
    );
  });
}

/** Whether a session may pass fewer routers than before. */
function reachesLess({ kind, fields }: ObjectChange): boolean {
  return (
    kind === "CiliumBGPPeerConfig" &&
    fields.some(
      ({ path, before, after }) =>
        path === "spec.ebgpMultihop" && Number(after[0] ?? 1) < Number(before[0] ?? 1),
    )
  );
}

function sum(sessions: readonly SessionChange[]): number {
  return sessions.reduce((count, { hosts }) => count + hosts.length, 0);
}

function routersOf(changes: readonly { readonly router: string }[]): Words {
  return named([...new Set(changes.map(({ router }) => router))]);
}

/** One row for resets that are alike in what they need and in how sure they are. */
function resetRow(resets: readonly SessionChange[]): readonly Effect[] {
  const [first] = resets;
  if (first === undefined) return [];
  const why = new Map(resets.flatMap((reset) => reset.why).map((cause) => [cause.text(), cause]));
  const count = counted(sum(resets), "BGP session");
  const verb = sum(resets) === 1 ? "resets" : "reset";
  const router = routersOf(resets);
  const happens = first.needsRouter
    ? words`${plainWords(`${count} ${verb}`)} and ${plainWords(sum(resets) === 1 ? "stays" : "stay")} down until router ${router} has its new configuration`
    : words`${plainWords(`${count} with`)} ${router} ${plainWords(verb)} once and ${plainWords(sum(resets) === 1 ? "comes" : "come")} back by themselves`;
  return [
    {
      level: first.needsRouter ? "high" : "medium",
      area: "bgp",
      what: joined([...why.values()], ", "),
      effect: first.isSure ? happens : words`if it changed, ${happens}`,
      ...(first.isSure
        ? {}
        : { headline: words`a BGP password was written again: if it changed, ${happens}` }),
    },
  ];
}

function countRow(sessions: readonly SessionChange[], change: "added" | "removed"): readonly Effect[] {
  if (sessions.length === 0) return [];
  const hosts = named([...new Set(sessions.flatMap((session) => session.hosts))]);
  const count = counted(sum(sessions), "BGP session");
  const one = sum(sessions) === 1;
  const router = routersOf(sessions);
  const what = words`${plainWords(`${change === "added" ? "+" : "−"}${count}`)} of ${hosts}`;
  if (change === "removed") {
    const headline = words`${plainWords(`${count} with router`)} ${router} ${plainWords(one ? "ends" : "end")}`;
    return [
      {
        level: "medium",
        area: "bgp",
        what,
        effect: words`router ${router} hears no routes from there any more`,
        headline,
      },
    ];
  }
  const waits = words`${plainWords(one ? "stays" : "stay")} down, and ${"pulumi up"} waits, until router ${router} is configured for ${plainWords(one ? "it" : "them")}`;
  return [
    { level: "medium", area: "bgp", what, effect: waits, headline: words`${plainWords(count)} ${waits}` },
  ];
}

function routeRows(routes: readonly RouteChange[]): readonly Effect[] {
  const having = (change: RouteChange["change"]) => routes.filter((route) => route.change === change);
  const prefixes = (found: readonly RouteChange[]) => named([...new Set(found.map(({ prefix }) => prefix))]);
  const [lost, all] = [having("lost"), having("gained")];
  const open = all.filter(({ prefix }) => isPublicPrefix(prefix));
  const gained = all.filter((route) => !open.includes(route));
  return [
    ...(lost.length === 0
      ? []
      : [
          {
            level: "high" as const,
            area: "bgp" as const,
            what: words`routes lost: ${prefixes(lost)}`,
            effect: words`router ${routersOf(lost)} drops them: traffic for them no longer finds this cluster`,
            headline: words`router ${routersOf(lost)} loses the routes ${prefixes(lost)}`,
          },
        ]),
    ...(open.length === 0
      ? []
      : [
          {
            level: "medium" as const,
            area: "bgp" as const,
            what: words`routes of public addresses gained: ${prefixes(open)}`,
            effect: words`traffic for them that passes router ${routersOf(open)} ends in this cluster, and no longer in the Internet`,
            headline: words`router ${routersOf(open)} accepts the public addresses ${prefixes(open)} from this cluster`,
          },
        ]),
    ...(gained.length === 0
      ? []
      : [
          {
            level: "low" as const,
            area: "bgp" as const,
            what: words`routes gained: ${prefixes(gained)}`,
            effect: words`router ${routersOf(gained)} accepts them from this cluster`,
            headline: words`router ${routersOf(gained)} accepts ${prefixes(gained)} from this cluster`,
          },
        ]),
  ];
}

function isPublicPrefix(prefix: string): boolean {
  const range = parseCidr(prefix.split(" ", 1)[0] ?? "");
  return range === undefined || isPublic(range);
}

/** The rows of the overview about routers. */
export function routerEffects(changes: readonly RouterChange[]): readonly Effect[] {
  return changes.map(({ router, added, removed }) => ({
    level: "low",
    area: "routers",
    what: words`router ${router}: ${plainWords(`+${added} −${removed} ${added + removed === 1 ? "line" : "lines"}`)}`,
    effect: plainWords("this program does not change routers: apply it there"),
  }));
}

/** What each router's configuration gains and loses, as far as it comes from this stack. Passwords are placeholders. */
export function routerChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly RouterChange[] {
  const [old, fresh] = [before?.routerConfigurations ?? {}, after?.routerConfigurations ?? {}];
  return [...new Set([...Object.keys(fresh), ...Object.keys(old)])].sort().flatMap((router) => {
    const hunks = hunksOf(old[router] ?? "", fresh[router] ?? "");
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

/** The parts that differ; where most of a long text does, all of both. */
function hunksOf(before: string, after: string): readonly StructuredPatchHunk[] {
  const options = { context: 2, maxEditLength: mostEdits };
  const patch = structuredPatch("", "", before, after, "", "", options);
  if (patch !== undefined) return patch.hunks;
  const [old, fresh] = [before, after].map((text) => text.split("\n").slice(0, -1)) as [string[], string[]];
  const lines = [...old.map((line) => `-${line}`), ...fresh.map((line) => `+${line}`)];
  return [{ oldStart: 1, oldLines: old.length, newStart: 1, newLines: fresh.length, lines }];
}

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

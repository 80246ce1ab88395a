import { conditionIs } from "../../kubernetes/condition";
import { livePlan, missingNow, missingText } from "../readiness/assess";
import { type Side, type Snapshot, inManagement, inWorkload, named } from "../snapshot";
import type { Missing } from "../readiness/assessment";
import { wantedMachines } from "../readiness/machine-assessment";
import { hostStates } from "../readiness/host-state";
import { shownOnOneLine } from "../../redaction/shown";
import {
  clusterItem,
  controlPlaneItem,
  credentialsItem,
  endpointItem,
  poolItems,
  resourceSetItem,
  strayNodes,
} from "./cluster-items";
import type { Item, StatusTree } from "./item";
import { bgpItem, ciliumItem } from "./network-items";
import { outOfServiceItems, serverItems } from "./servers";
import type { ClusterPlan } from "../../plan/plan";
import { least } from "../../text/numbers";

/** What of a plan decides how its status looks. */
export type StatusPlan = Pick<ClusterPlan, "readiness" | "bgp">;

/** A snapshot as a tree. Pure: the same snapshot at the same time gives the same tree. */
export function statusTree(given: StatusPlan, snapshot: Snapshot, now: number): StatusTree {
  const plan = livePlan(given, snapshot);
  const hosts = hostStates(plan, snapshot);
  const missing = missingNow(plan, given.bgp, snapshot, now);
  const pools = new Set(["control-plane", ...plan.workerPools.map(({ name }) => name)]);
  const management = [
    clusterItem(plan, snapshot),
    controlPlaneItem(plan, hosts, snapshot),
    ...poolItems(plan, hosts, snapshot),
    ...[...new Set(hosts.map(({ pool }) => pool))]
      .filter((pool) => !pools.has(pool))
      .flatMap((pool) => serverItems(pool, hosts, snapshot)),
    ...outOfServiceItems(plan, snapshot),
    resourceSetItem(plan, snapshot),
  ];
  const workload = [
    ciliumItem(plan, snapshot),
    ...(given.bgp === undefined ? [] : [bgpItem(given.bgp.readiness, snapshot)]),
    ...strayNodes(hosts, snapshot),
  ];
  const version = named(inManagement(snapshot, "controlPlanes"), plan.cluster)?.spec?.version;
  const nodes = inWorkload(snapshot, "nodes");
  return {
    cluster: snapshot.cluster,
    verdict: verdictOf(snapshot, missing),
    ...(version === undefined ? {} : { version }),
    nodes: {
      ready: nodes.filter((node) => conditionIs(node, "Ready", "True")).length,
      wanted: wantedMachines(plan, snapshot),
    },
    at: snapshot.at,
    items: [
      ...sideItems("Management cluster", snapshot.management, management),
      endpointItem(plan, snapshot),
      ...sideItems("Workload cluster", withoutEcho(snapshot), workload),
      credentialsItem(snapshot, now),
    ].map(shownItem),
    missing: missing.map(missingText),
  };
}

/** What objects hold stays on its line, before a line is cut to a width: half of a login would not be recognized as one. */
function shownItem(item: Item): Item {
  const { name, text: words, children } = item;
  return {
    ...item,
    name: shownOnOneLine(name),
    text: shownOnOneLine(words),
    ...(children === undefined ? {} : { children: children.map(shownItem) }),
  };
}

/** The workload cluster's side; that the management cluster cannot be queried is said once. */
function withoutEcho({ management, workload }: Snapshot): Snapshot["workload"] {
  const { trouble } = workload;
  const isEcho = trouble !== undefined && trouble.message === management.trouble?.message;
  return isEcho ? { ...workload, trouble: { ...trouble, message: "not queried" } } : workload;
}

/** What was read of one cluster; what is old says so, and what was never read is replaced by one line. */
function sideItems(name: string, side: Side<string>, items: readonly Item[]): readonly Item[] {
  const readings = Object.entries(side.parts);
  const seen = readings.filter(([, { objects }]) => objects !== undefined);
  const unread = side.trouble === undefined ? readings.filter(([, reading]) => isRefused(reading)) : [];
  const trouble: readonly Item[] =
    side.trouble === undefined
      ? unread.map(([part, reading]) => ({
          kind: "unread",
          name: part,
          mark: "unknown",
          text: `could not be read: ${reading.unread?.why ?? ""}`,
        }))
      : [{ kind: "side", name, mark: "unknown", text: side.trouble.message }];
  if (side.trouble === undefined) return [...items, ...trouble];
  const seenAt = least(seen.map(([, { at }]) => at));
  return seen.length === 0 ? trouble : [...trouble, ...items.map((item) => ({ ...item, seenAt }))];
}

/** A kind that is not served (yet) is no trouble: Cilium registers its own. */
function isRefused({ unread }: { readonly unread?: { readonly status?: number } }): boolean {
  return unread !== undefined && unread.status !== 404;
}

function verdictOf({ management, workload }: Snapshot, missing: readonly Missing[]): StatusTree["verdict"] {
  if (management.trouble !== undefined) return "unknown";
  if (missing.length === 0) return "ready";
  const known = Object.values(management.parts).every((reading) => !isRefused(reading));
  const blind = Object.values(workload.parts).some(isRefused) && workload.trouble === undefined;
  return known && !blind ? "not ready" : "unknown";
}

/** What a tree says, line by line, without ages: two trees that say the same have the same texts. */
export type Said = ReadonlyMap<string, string>;

/** One line that appeared, changed or went away. */
export interface StatusChange {
  /** `Workers md-0 > w1`. */
  readonly path: string;
  readonly text: string;
}

/** The texts of a tree by their place in it. */
export function said(tree: StatusTree): Said {
  const texts = new Map([["", `${tree.verdict}, ${tree.nodes.ready}/${tree.nodes.wanted} nodes Ready`]]);
  const add = (items: readonly Item[], stem: string): void => {
    for (const { name, mark, text, children = [] } of items) {
      const path = stem === "" ? name : `${stem} > ${name}`;
      texts.set(path, `${mark}: ${text}`);
      add(children, path);
    }
  };
  add(tree.items, "");
  return texts;
}

/** What the second tree says otherwise than the first. */
export function statusChanges(before: Said, after: Said): readonly StatusChange[] {
  return [
    ...[...before.keys()].filter((path) => !after.has(path)).map((path) => ({ path, text: "gone" })),
    ...[...after].filter(([path, text]) => before.get(path) !== text).map(([path, text]) => ({ path, text })),
  ];
}

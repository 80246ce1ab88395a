import type { CiliumRender } from "../cilium/manifest";
import type { ClusterPlan } from "../plan/plan";
import { isLoadBalancing, loadBalancerChanges, loadBalancerEffects } from "./load-balancer-effects";
import { bgpEffects, routeChanges, routerChanges, routerEffects } from "./bgp-effects";
import {
  type Change,
  type Drift,
  type Effect,
  type Level,
  type ObjectChange,
  areas,
  levels,
  worst,
} from "./change";
import { type SideFindings, checkChange, checkEffects } from "./checks";
import { allObjects, ciliumChange, refusedVersion } from "./cilium";
import { ciliumEffects } from "./cilium-effects";
import { clusterKeyEffects } from "./cluster-keys";
import { clusterObjectChanges, clusterObjectEffects } from "./cluster-objects";
import { type CodeChange, codeEffects, programChanges, programEffects } from "./code";
import { type FileChange, headlineOf, refusal, todoOf } from "./summary";
import { hostChanges, hostEffects } from "./hosts";
import { machineChanges, machineEffects } from "./machines";
import { newPoolEffects } from "./new-pools";
import { objectChange, paired } from "./objects";
import { same } from "./fields";
import {
  type SealedValues,
  changedSecrets,
  contentEffects,
  loginEffects,
  movedSecretEffects,
  secretComparison,
  secretEffects,
} from "./secrets";
import { sessionChanges } from "./sessions";
import type { KubernetesObject } from "../kubernetes/object";
import { unratedEffects } from "./unrated";
import { writtenPathEffects } from "./written-paths";
import { type Words, plainWords, words } from "./formatted-text";
import { replacingCheckEffects, wholeObjectEffects } from "./whole-objects";

/** One side of a comparison: a stack, all that was decided about it, and what the checks say. */
export interface ChangeSide extends SideFindings {
  readonly plan: ClusterPlan;
  /** Absent where Cilium could not be rendered. */
  readonly render?: CiliumRender;
  /** Why Cilium could not be rendered, where that was tried. */
  readonly unrendered?: string;
  readonly sealed: SealedValues;
}

/** What is compared with what, for the reader. */
export interface Comparison {
  readonly stack: string;
  readonly against: Words;
  readonly file: FileChange;
  /** Changed files of the project; left out where only stack files are compared. */
  readonly code?: CodeChange;
  readonly notes: readonly Words[];
  readonly drift?: Drift;
}

/** Everything that a change means. Without the old side the stack is new, without the new side it was deleted. Pure. */
export function compareSides(
  before: ChangeSide | undefined,
  after: ChangeSide | undefined,
  comparison: Comparison,
): Change {
  if (after === undefined) return deletedChange(comparison);
  const [old, fresh] = [before?.plan, after.plan];
  const kind = before === undefined ? "new" : "changed";
  const changed = secretComparison(before?.sealed ?? new Map(), after.sealed);
  const sealed = before === undefined ? [] : [...after.sealed.keys()];
  const isNew = (path: string) => before?.sealed.has(path) === false;
  const cilium = ciliumChange(sideOfCilium(before), sideOfCilium(after));
  const found = {
    machines: machineChanges(old, fresh),
    hosts: hostChanges(old, fresh),
    objects: clusterObjectChanges(old, fresh),
    ...(cilium === undefined ? {} : { cilium }),
    sessions: sessionChanges(old, fresh, changed),
    routes: routeChanges(old, fresh),
    bgpObjects: [...bgpObjectChanges(old, fresh), ...loadBalancerChanges(old, fresh)],
    routers: routerChanges(old, fresh),
    program: programChanges(old, fresh),
    secrets: changedSecrets(
      old,
      fresh,
      changed,
      sealed.filter((path) => !isNew(path)),
    ),
    checks: checkChange(before, after),
  };
  const secretPaths = { written: found.secrets, fresh: sealed.filter(isNew) };
  const rated = ratedEffects(before, after, found, secretPaths, comparison.code);
  const unrated = before === undefined ? [] : unratedEffects(before, after, found.objects, rated);
  const effects = sorted([...rated, ...unrated]);
  const level = worst(effects.map((effect) => effect.level));
  const { stack, against, notes, drift } = comparison;
  return {
    stack,
    kind,
    against,
    level,
    headline: headlineOf({
      kind,
      level,
      effects,
      errors: found.checks.errors,
      file: comparison.file,
      isSamePlan: same(old, fresh),
      plan: fresh,
    }),
    effects,
    todo: todoOf(stack, { ...found, isProtected: old?.protect ?? true }),
    ...found,
    ...(drift === undefined ? {} : { drift }),
    notes: [...notes, ...unrendered(before, after, cilium?.compared)],
  };
}

/** What was found to differ. */
type Found = Pick<
  Change,
  | "machines"
  | "hosts"
  | "objects"
  | "cilium"
  | "sessions"
  | "routes"
  | "bgpObjects"
  | "routers"
  | "program"
  | "checks"
>;

/** The rows of the overview, the gravest first. */
function ratedEffects(
  before: ChangeSide | undefined,
  after: ChangeSide,
  found: Found,
  secrets: { readonly written: readonly string[]; readonly fresh: readonly string[] },
  code: CodeChange | undefined,
): readonly Effect[] {
  const [old, fresh] = [before?.plan, after.plan];
  return sorted([
    ...machineEffects(found.machines, before === undefined),
    ...hostEffects(found.hosts, found.machines, old?.protect ?? true),
    ...(before === undefined ? [] : changedEffects(before, after, found)),
    ...refusedVersion(old, fresh),
    ...ciliumEffects(found.cilium, old, fresh),
    ...(before?.render === undefined || after.render === undefined
      ? []
      : renderEffects(allObjects(before.render), allObjects(after.render))),
    ...bgpEffects(found.sessions, found.routes, found.bgpObjects),
    ...loadBalancerEffects(old, fresh),
    ...routerEffects(found.routers),
    ...checkEffects(found.checks),
    ...programEffects(found.program),
    ...secretEffects(secrets.written, secrets.fresh),
    ...(before === undefined || code === undefined ? [] : codeEffects(code)),
  ]);
}

function renderEffects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): readonly Effect[] {
  return [...contentEffects(before, after), ...writtenPathEffects(before, after)];
}

/** The rows that only a stack with a base has: of a new one everything is new. */
function changedEffects(before: ChangeSide, after: ChangeSide, { objects }: Found): readonly Effect[] {
  return [
    ...loginEffects(before, after),
    ...movedSecretEffects(before, after),
    ...newPoolEffects(before.plan, after.plan),
    ...clusterKeyEffects(before.plan, after.plan),
    ...clusterObjectEffects(objects),
    ...wholeObjectEffects(before.plan, after.plan),
    ...replacingCheckEffects(before.plan, after.plan),
  ];
}

function sideOfCilium(side: ChangeSide | undefined) {
  if (side === undefined) return undefined;
  const { plan, render, unrendered } = side;
  return {
    plan: plan.cilium,
    ...(render === undefined ? {} : { render }),
    ...(unrendered === undefined ? {} : { unrendered }),
  };
}

function unrendered(
  before: ChangeSide | undefined,
  after: ChangeSide | undefined,
  compared: "rendered" | "values" | undefined,
): readonly Words[] {
  if (before === undefined || after === undefined || compared !== "values") return [];
  return [plainWords("The Cilium manifest was not rendered, so only Helm values were compared.")];
}

function bgpObjectChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly ObjectChange[] {
  const objectsOf = (plan: ClusterPlan | undefined) => [
    ...(plan?.bgp?.objects ?? []).filter((object) => !isLoadBalancing(object)),
    ...(plan?.bgp?.nodeOverrides ?? []).map(({ host, manifest }) => ({
      ...manifest,
      metadata: { name: `the node of ${host}` },
    })),
  ];
  return paired(objectsOf(before), objectsOf(after)).flatMap((pair) => objectChange(pair) ?? []);
}

/** The gravest first; what is equally grave in the order of the areas. Rows without any risk are left out. */
function sorted(effects: readonly Effect[]): readonly Effect[] {
  const rank = (level: Level) => -levels.indexOf(level);
  return effects
    .filter(({ level }) => level !== "none")
    .sort((a, b) => rank(a.level) - rank(b.level) || areas.indexOf(a.area) - areas.indexOf(b.area));
}

const nothing = {
  effects: [],
  machines: [],
  hosts: [],
  objects: [],
  sessions: [],
  routes: [],
  bgpObjects: [],
  routers: [],
  program: [],
  secrets: [],
} as const;

/** The stack's file goes. By itself that changes nothing; it only leaves a cluster without its plan. */
function deletedChange({ stack, against, notes }: Comparison): Change {
  return {
    ...nothing,
    stack,
    kind: "deleted",
    against,
    level: "high",
    headline: plainWords(
      "the stack file is removed, the cluster is not: destroy it first, or it can no longer be destroyed",
    ),
    todo: [
      {
        when: "before",
        what: words`destroy the cluster: ${"pulumi up"} with ${"metal:protect: false"}, then ${`pulumi destroy --stack ${stack}`}`,
      },
    ],
    checks: checkChange(),
    notes,
  };
}

/** A comparison that could not be made, because one side is no stack. */
export function unreadableChange(
  { stack, against, notes }: Comparison,
  side: "base" | "new side",
  findings: SideFindings,
): Change {
  const isBase = side === "base";
  return {
    ...nothing,
    stack,
    kind: "unreadable",
    against,
    level: isBase ? "high" : "none",
    headline: isBase
      ? plainWords("the base is not a valid stack, so the change cannot be determined")
      : refusal(findings.findings),
    todo: [],
    checks: isBase ? checkChange(findings, undefined) : checkChange(undefined, findings),
    notes,
  };
}

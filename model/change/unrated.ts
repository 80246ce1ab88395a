import { isMap } from "../kubernetes/object";
import type { CiliumRender } from "../cilium/manifest";
import type { RouterShare } from "../bgp/router/router-share";
import type { BgpPlan, CiliumPlan, ClusterPlan, PlannedSecret } from "../plan/plan";
import { type Effect, type ObjectChange, worst } from "./change";
import { ruleOf } from "./field-rules";
import { pathsOf } from "./fields";
import { named, plainWords, words } from "./formatted-text";

/** What of one side the rows were made from. */
interface UnratedSide {
  readonly plan: ClusterPlan;
  readonly render?: CiliumRender;
}

/**
 * Who looks at a field of a plan: `rows` compare each of its values; a `derived` one follows from fields that have rows, and only
 * checks, proofs and the wait read it; an `open` one has no rows, so that a difference counts as the worst. A key that is not
 * listed is open.
 */
type Coverage = "rows" | "derived" | "open";

const planCoverage: Readonly<Record<keyof ClusterPlan, Coverage>> = {
  name: "rows",
  namespace: "rows",
  endpointUrl: "open",
  protect: "rows",
  management: "rows",
  cilium: "open",
  resourceSet: "open",
  hosts: "open",
  cluster: "open",
  readiness: "derived",
  controlPlaneFirst: "derived",
  bgp: "open",
  loadBalancer: "open",
  routers: "open",
  routerConfigurations: "rows",
  timeouts: "rows",
};

const ciliumCoverage: Readonly<Record<keyof CiliumPlan, Coverage>> = {
  version: "rows",
  chartDirectory: "rows",
  values: "rows",
  lifecycle: "rows",
  endpoint: "derived",
  kubeProxyReplacement: "derived",
  clusterName: "derived",
  network: "derived",
  routing: "derived",
  machines: "derived",
  nodeTaints: "derived",
  cniBinaryPath: "derived",
  bgp: "derived",
};

const bgpCoverage: Readonly<Record<keyof BgpPlan, Coverage>> = {
  lifecycle: "rows",
  secrets: "open",
  objects: "rows",
  nodeOverrides: "rows",
  readiness: "derived",
};

/** The configuration of a router holds all of its share, except for how a person reaches it. */
const routerCoverage: Readonly<Record<keyof RouterShare, Coverage>> = {
  router: "derived",
  stack: "derived",
  description: "derived",
  asn: "derived",
  addresses: "derived",
  port: "derived",
  routerId: "derived",
  clusterId: "derived",
  management: "rows",
  groups: "derived",
  paths: "derived",
};

/**
 * The rows about what no other row rates: it counts as the worst, whatever else changes. Entries in another order and hosts at
 * other places of the list lead to the same objects, and so do Helm values with the same render.
 */
export function unratedEffects(
  before: UnratedSide,
  after: UnratedSide,
  objects: readonly ObjectChange[],
  rated: readonly Effect[],
): readonly Effect[] {
  // Nothing is worse, and of another cluster everything is new.
  if (worst(rated.map(({ level }) => level)) === "high") return [];
  const pairOf = (coverage: Coverage) =>
    [covered(before.plan, after.plan, coverage), covered(after.plan, before.plan, coverage)] as const;
  const open = [...differing(...pairOf("open")), ...(objects.some(replacesUnseen) ? ["cluster"] : [])];
  if (open.length > 0) return [unratedRow(open)];
  if (rated.length > 0) return [];
  const derived = differing(...pairOf("derived"));
  if (derived.length > 0) {
    return [
      {
        level: "low",
        area: "program",
        what: words`the plan's ${named(derived)}`,
        effect: plainWords("what checks, proofs and the wait compare with; the cluster stays as it is"),
      },
    ];
  }
  const others = differing(withoutRendered(before, after), withoutRendered(after, before));
  return others.length === 0 ? [] : [unratedRow(others)];
}

function unratedRow(parts: readonly string[]): Effect {
  return {
    level: "high",
    area: "program",
    what: words`the plan's ${named([...new Set(parts)])}`,
    effect: plainWords("differs in a way that no rule rates; the worst is assumed: read pulumi preview"),
  };
}

/** A field of which a change replaces machines is rated with the machines, and every such row is high. */
function replacesUnseen({ kind, change, fields }: ObjectChange): boolean {
  return (
    change === "changed" &&
    fields.some((field) => pathsOf(field).some((path) => ruleOf(kind, path, field) === undefined))
  );
}

/** The parts of a plan that differ, by their names. */
function differing(before: object, after: object): readonly string[] {
  const [old, fresh] = [before, after].map((side) => new Map(Object.entries(side)));
  const names = [...new Set([...(old?.keys() ?? []), ...(fresh?.keys() ?? [])])];
  return names.filter((name) => unordered(old?.get(name)) !== unordered(fresh?.get(name)));
}

/** The parts of a plan with this coverage, of objects and routers that the other plan has too: what comes or goes has rows. */
function covered(plan: ClusterPlan, other: ClusterPlan, coverage: Coverage): object {
  const { cilium, hosts, cluster, resourceSet, bgp, loadBalancer, routers, ...others } = plan;
  const names = new Set(other.routers.map(({ router }) => router));
  const own = {
    ...having(others, planCoverage, coverage),
    cilium: having(cilium, ciliumCoverage, coverage),
    bgp: bgp && other.bgp && having({ ...bgp, secrets: undefined }, bgpCoverage, coverage),
    routers: routers
      .filter(({ router }) => names.has(router))
      .map((router) => having(router, routerCoverage, coverage)),
  };
  if (coverage !== "open") return own;
  const keys = new Set(other.cluster.templates.map(({ key }) => key));
  return {
    ...own,
    hosts: { ...hosts, hosts: undefined, secrets: secretForms(hosts.secrets, other.hosts.secrets) },
    cluster: {
      ...cluster,
      objects: undefined,
      cluster: undefined,
      // Authorities that come and go have rows; the others do with the templates that refer to them, which is high.
      secrets: secretForms(
        cluster.secrets.filter(({ retainOnDelete }) => retainOnDelete !== true),
        cluster.secrets,
      ).concat(
        secretForms(
          cluster.secrets.filter(({ retainOnDelete }) => retainOnDelete === true),
          other.cluster.secrets,
        ),
      ),
      templates: cluster.templates
        .filter(({ key }) => keys.has(key))
        .map((template) => ({ ...template, manifest: undefined })),
    },
    bgp: { ...own.bgp, secrets: secretForms(bgp?.secrets ?? [], other.bgp?.secrets ?? []) },
    loadBalancer: loadBalancer && other.loadBalancer && { ...loadBalancer, objects: undefined },
    resourceSet: { ...resourceSet, resourceSet: undefined },
  };
}

function having(
  value: object,
  table: Readonly<Partial<Record<string, Coverage>>>,
  coverage: Coverage,
): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => (table[key] ?? "open") === coverage));
}

/** What rows compare of the contents of a Secret that the program writes: the login of a BMC, and a network. */
const ratedTexts = ["username", "networkData"];

/** Secrets that both sides have, without the contents that have rows: those named here, and the places of encrypted values. */
function secretForms(secrets: readonly PlannedSecret[], others: readonly PlannedSecret[]): readonly object[] {
  const names = new Set(others.map(({ manifest }) => manifest.metadata.name));
  return secrets
    .filter(({ manifest }) => names.has(manifest.metadata.name))
    .map(({ text, ...form }) => ({
      ...form,
      secret: undefined,
      copyOf: undefined,
      text: Object.fromEntries(Object.entries(text).filter(([key]) => !ratedTexts.includes(key))),
    }));
}

function withoutRendered({ plan, render }: UnratedSide, other: UnratedSide): ClusterPlan {
  const isRendered = render !== undefined && other.render !== undefined;
  return isRendered ? { ...plan, cilium: { ...plan.cilium, values: {} } } : plan;
}

/** One text for all values that have the same entries in whatever order. */
function unordered(value: unknown): string | undefined {
  if (Array.isArray(value)) return JSON.stringify(value.map(unordered).sort());
  if (typeof value === "string") return JSON.stringify(value.replace(/^hosts\[\d+\]/, "hosts[]"));
  if (!isMap(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return JSON.stringify(fields.map(([key, inner]) => [key, unordered(inner)]).sort());
}

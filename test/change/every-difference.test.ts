import assert from "node:assert/strict";
import { type Change, levels } from "../../model/change/change";
import type { ChangeSide } from "../../model/change/compare";
import type { ClusterPlan } from "../../model/plan/plan";
import { type RawStack, stackWith, stackWithEverything } from "../model/stacks";
import { between, changeOf, side } from "./sides";

type Step = string | number;

const isObject = (value: unknown): value is Record<Step, unknown> =>
  typeof value === "object" && value !== null;

/** Every place of a value, one for each shape: of entries that are alike the first. */
function placesOf(
  value: unknown,
  path: readonly Step[] = [],
  known = new Set<string>(),
): (readonly Step[])[] {
  const shape = path.map((step) => (typeof step === "number" ? "[]" : step)).join(".");
  if (known.has(shape) && !isObject(value)) return [];
  known.add(shape);
  const inner = isObject(value)
    ? Object.keys(value).flatMap((key) =>
        placesOf(value[key], [...path, Array.isArray(value) ? Number(key) : key], known),
      )
    : [];
  return [...(path.length === 0 ? [] : [path]), ...inner];
}

/** A plan with one place changed. */
function edited(
  plan: ClusterPlan,
  path: readonly Step[],
  edit: (of: Record<Step, unknown>, key: Step) => void,
) {
  const copy = structuredClone(plan);
  const holder = path.slice(0, -1).reduce<unknown>((at, step) => (at as Record<Step, unknown>)[step], copy);
  edit(holder as Record<Step, unknown>, path.at(-1) ?? "");
  return copy;
}

const other = (value: unknown): unknown =>
  typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : `${String(value)}x`;

/** A template's name is a hash of its content, so that it never changes alone. */
const isNameOfTemplate = (path: readonly Step[]) =>
  path[1] === "templates" && /^(kind|metadata\.name|.*dataTemplate\.name)$/.test(path.slice(4).join("."));

/** Part of no comparison: the places of secrets in the lists of hosts and pools. */
const isPlaceInList = (path: readonly Step[], value: unknown) =>
  ["hosts", "cluster"].includes(String(path[0])) && path.at(-2) === "secret" && typeof value === "string";

describe("plans that differ", () => {
  // What the second stack has like the first is not tried again.
  const known = new Set<string>();
  for (const [name, stack] of [
    ["capi-1", stackWith()],
    ["everything", stackWithEverything()],
  ] as const) {
    const whole = side(stack, { rendered: false });
    const rows = (plan: ClusterPlan) => {
      const after: ChangeSide = { ...whole, plan };
      return between(whole, after, { file: "values" });
    };
    /** Whether a change is less grave together with one of low risk than it is alone. */
    const isMasked = (plan: ClusterPlan, { level }: Change) => {
      if (level === "none" || level === "low") return false;
      const slower = { ...plan, timeouts: { ...plan.timeouts, ready: plan.timeouts.ready + 1 } };
      return levels.indexOf(rows(slower).level) < levels.indexOf(level);
    };
    const places = placesOf(whole.plan, [], known);
    const at = (path: readonly Step[]) =>
      path.reduce<unknown>((value, step) => (value as Record<Step, unknown>)[step], whole.plan);

    it(`have a row that nothing else hides, whichever value of ${name} is another one`, () => {
      const leaves = places.filter((path) => !isObject(at(path)) && !isPlaceInList(path, at(path)));
      assert.ok(leaves.length > 40, String(leaves.length));
      const missed = leaves.filter((path) => {
        const plan = edited(whole.plan, path, (of, key) => (of[key] = other(of[key])));
        const found = rows(plan);
        if (found.effects.length === 0 || found.level === "none") return true;
        return !isNameOfTemplate(path) && isMasked(plan, found);
      });
      assert.deepEqual(
        missed.map((path) => path.join(".")),
        [],
      );
    });

    it(`have a row that nothing else hides, whichever entry of a list of ${name} comes or goes`, () => {
      const lists = places.filter((path) => Array.isArray(at(path)) && (at(path) as unknown[]).length > 0);
      assert.ok(lists.length > 30, String(lists.length));
      const missed = lists.flatMap((path) => {
        const plan = edited(whole.plan, path, (of, key) => (of[key] = (of[key] as unknown[]).slice(1)));
        const less = rows(plan);
        const more = between({ ...whole, plan }, whole, { file: "values" });
        return isMasked(plan, less) || [less, more].some(({ effects }) => effects.length === 0)
          ? [path.join(".")]
          : [];
      });
      assert.deepEqual(missed, []);
    });
  }

  it("count as the worst where no rule knows a field, whatever else changes", () => {
    const whole = side(stackWith(), { rendered: false });
    const timeouts = { ...whole.plan.timeouts, ready: 121 };
    const [router] = whole.plan.routers;
    const secret = whole.plan.hosts.secrets[0];
    const plans: Readonly<Record<string, object>> = {
      plan: { later: "x" },
      cilium: { cilium: { ...whole.plan.cilium, later: "x" } },
      bgp: { bgp: { ...whole.plan.bgp, later: "x" } },
      routers: { routers: [{ ...router, later: "x" }] },
      hosts: { hosts: { ...whole.plan.hosts, secrets: [{ ...secret, later: "x" }] } },
      cluster: { cluster: { ...whole.plan.cluster, later: "x" } },
    };
    for (const [part, change] of Object.entries(plans)) {
      const plan = { ...whole.plan, timeouts, ...change } as ClusterPlan;
      const { level, effects } = between(whole, { ...whole, plan }, { file: "values" });
      assert.equal(level, "high", part);
      assert.match(effects[0]?.effect.text() ?? "", /no rule rates/);
    }
  });

  it("are low where only a note of the stack file changes", () => {
    const note = (raw: RawStack) => {
      const [router] = (raw["bgp"] as { routers: Record<string, unknown>[] }).routers;
      Object.assign(router ?? {}, { management: "ssh://a@192.0.2.1" });
    };
    assert.equal(changeOf(note).level, "low");
  });

  it("lead to the same plan only where they are equal", () => {
    const alone = (raw: RawStack) => delete raw["bgp"];
    const plan = side(stackWith(alone));
    const reordered = side(
      stackWith((raw) => (alone(raw), (raw["hosts"] = (raw["hosts"] as object[]).toReversed()))),
    );
    const headline = (after: ChangeSide) => between(plan, after, { file: "values" }).headline.text();
    assert.match(headline(side(stackWith(alone))), /leads to the same plan$/);
    assert.match(headline(reordered), /leads to the same objects$/);
  });
});

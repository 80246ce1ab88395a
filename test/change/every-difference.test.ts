import assert from "node:assert/strict";
import type { ChangeSide } from "../../model/change/compare";
import type { ClusterPlan } from "../../model/plan/plan";
import { type RawStack, stackWith, stackWithEverything } from "../model/stacks";
import { between, side } from "./sides";

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

/** Part of no comparison: the places of secrets in the list of hosts. */
const isPlaceInList = (path: readonly Step[], value: unknown) =>
  path[0] === "hosts" && path.at(-2) === "secret" && typeof value === "string";

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
    const places = placesOf(whole.plan, [], known);
    const at = (path: readonly Step[]) =>
      path.reduce<unknown>((value, step) => (value as Record<Step, unknown>)[step], whole.plan);

    it(`have a row, whichever value of ${name} is another one`, () => {
      const leaves = places.filter((path) => !isObject(at(path)) && !isPlaceInList(path, at(path)));
      assert.ok(leaves.length > 40, String(leaves.length));
      const missed = leaves.filter((path) => {
        const found = rows(edited(whole.plan, path, (of, key) => (of[key] = other(of[key]))));
        return found.effects.length === 0 || found.level === "none";
      });
      assert.deepEqual(
        missed.map((path) => path.join(".")),
        [],
      );
    });

    it(`have a row, whichever entry of a list of ${name} comes or goes`, () => {
      const lists = places.filter((path) => Array.isArray(at(path)) && (at(path) as unknown[]).length > 0);
      assert.ok(lists.length > 30, String(lists.length));
      const missed = lists.flatMap((path) => {
        const less = rows(edited(whole.plan, path, (of, key) => (of[key] = (of[key] as unknown[]).slice(1))));
        const more: ChangeSide = {
          ...whole,
          plan: edited(whole.plan, path, (of, key) => (of[key] = (of[key] as unknown[]).slice(1))),
        };
        return [less, between(more, whole, { file: "values" })].some(({ effects }) => effects.length === 0)
          ? [path.join(".")]
          : [];
      });
      assert.deepEqual(missed, []);
    });
  }

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

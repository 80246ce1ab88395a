import assert from "node:assert/strict";
import type { Running } from "../../model/live/verify/check";
import type { Mutable, World } from "./healthy";

/** A mistake in a healthy cluster and what is said about it. */
export interface Break {
  readonly what: string;
  readonly says: RegExp;
  readonly world?: (world: World) => void;
  readonly running?: (running: Running) => Running;
  /** Other checks that see the same. */
  readonly echoes?: readonly string[];
  /** The finding is no error. */
  readonly warning?: true;
}

/** The first of several; there must be one. */
export const first = <T>(list: readonly T[]): T => list[0] ?? assert.fail("nothing to break");
/** Sets a field, which must have been another. */
export const set = (target: Record<string, unknown>, key: string, value: unknown) => {
  assert.notDeepEqual(target[key], value, "the break changes nothing");
  target[key] = value;
};
/** A condition of the present generation. */
export const condition = (type: string, status: string, message: string) => ({
  type,
  status,
  message,
  observedGeneration: 1,
});

/** Changes one live object of the cluster; `undefined` takes it away. */
export const live =
  (
    part: "cilium" | "bgp" | "management",
    kind: string,
    name: string,
    change: ((live: Mutable) => void) | undefined,
  ) =>
  (running: Running): Running => {
    const pairs = running[part].value ?? [];
    const found = pairs.find(({ planned }) => planned.kind === kind && planned.metadata.name === name);
    assert.ok(found?.live !== undefined, `there is no ${kind} ${name}`);
    change?.(found.live as unknown as Mutable);
    const rest = pairs.filter((pair) => pair !== found);
    return {
      ...running,
      [part]: { value: [...rest, change === undefined ? { planned: found.planned } : found] },
    };
  };

import { ciliumValues } from "../../cilium/values";
import type { Stack } from "../../config/schema";
import { field } from "../../kubernetes/object";

/** What the user wrote below cilium.values at a path such as `hubble.tls.auto.method`; undefined when nothing. */
export function userValue(stack: Stack, path: string): unknown {
  return field(stack.cilium.values, ...path.split("."));
}

/** What Cilium will be told at a path: the user's value, else ours; undefined leaves it to the chart. */
export function value(stack: Stack, path: string): unknown {
  return field(ciliumValues(stack), ...path.split("."));
}

/** Is a value on? The chart takes booleans as texts too. */
export function isOn(setting: unknown): boolean {
  return setting === true || setting === "true";
}

/** A value as a message quotes it. */
export function quoted(setting: unknown): string {
  return JSON.stringify(setting) ?? "nothing";
}

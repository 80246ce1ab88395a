import type { Change } from "./change";

/** A change for programs. Stable: keys are only ever added. Sentences are text. */
export function renderJson(change: Change): string {
  return JSON.stringify(change, undefined, 2);
}

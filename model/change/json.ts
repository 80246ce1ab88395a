import type { Change } from "./change";
import { shownChange } from "./shown";

/** A change for programs. Stable: keys are only ever added. Sentences are text. */
export function renderJson(change: Change): string {
  return JSON.stringify(shownChange(change), undefined, 2);
}

import type { Stack } from "../stack/schema";
import type { Finding } from "../findings/finding";

/** One stack of the fleet. */
export interface FleetStack {
  /** Name of the stack: its file is `Pulumi.<name>.yaml`. */
  readonly name: string;
  readonly stack: Stack;
}

/** A finding about two or more stacks, reported at one of them. */
export interface FleetFinding extends Finding {
  /** In whose file `at` is. */
  readonly stack: string;
}

/** Names of other stacks with a place each; beyond three only how many there are. */
export function othersText(
  others: readonly { readonly stack: string; readonly at: string; readonly text: string }[],
): string {
  const named = others.slice(0, 3).map(({ stack, at, text }) => `${at} ${text} of stack ${stack}`);
  return others.length > 3 ? `${named.join(", ")} and ${others.length - 3} more` : named.join(" and ");
}

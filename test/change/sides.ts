import { judgeStack } from "../../model/checks/accept";
import type { ChangeSide, Comparison } from "../../model/change/compare";
import { compareSides } from "../../model/change/compare";
import type { Change } from "../../model/change/change";
import { words } from "../../model/change/formatted-text";
import { readManifest } from "../../model/cilium/manifest";
import type { Stack } from "../../model/stack/schema";
import { planCluster } from "../../model/plan/plan-cluster";
import { type RawStack, stackWith } from "../model/stacks";
import { recorded } from "../proofs/recorded";

/** A side of a comparison, with the recorded render of its version, edited where a test wants it. */
export function side(
  stack: Stack,
  options: {
    readonly edit?: (text: string) => string;
    readonly sealed?: Readonly<Record<string, string>>;
    readonly rendered?: boolean;
    readonly checked?: boolean;
  } = {},
): ChangeSide {
  const plan = planCluster(stack);
  const known = recorded.find(({ version }) => version === plan.cilium.version);
  const render =
    known === undefined || options.rendered === false
      ? undefined
      : options.edit === undefined
        ? known.render
        : readManifest(options.edit(known.text));
  return {
    plan,
    ...(render === undefined ? {} : { render }),
    // Most changes of one place alone would be refused by some check, which is seldom what is looked at.
    ...(options.checked === true ? judgeStack(stack, "2026-11-26") : { findings: [], accepted: [] }),
    sealed: new Map(Object.entries({ "bmc.password": "v1:a", ...options.sealed })),
  };
}

const comparison: Comparison = {
  stack: "capi-1",
  against: words`compared with ${"main"}`,
  file: "values",
  notes: [],
};

/** What it means to change capi-1 like this. */
export function changeOf(change: (raw: RawStack) => void, about: Partial<Comparison> = {}): Change {
  return compareSides(side(stackWith()), side(stackWith(change)), { ...comparison, ...about });
}

/** What lies between two sides. */
export function between(
  before: ChangeSide | undefined,
  after: ChangeSide | undefined,
  about: Partial<Comparison> = {},
): Change {
  return compareSides(before, after, { ...comparison, ...about });
}

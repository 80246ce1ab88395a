import type { Check } from "../check";
import { drainEnds } from "./drain-ends";
import { labelsAllowed } from "./labels-allowed";
import { labelsNotOurs } from "./labels-not-ours";
import { labelsWellformed } from "./labels-wellformed";
import { namesFree } from "./names-free";
import { namesShort } from "./names-short";
import { namesUnique } from "./names-unique";
import { reuseCleaningUniform } from "./reuse-cleaning-uniform";
import { reuseWithoutSpare } from "./reuse-without-spare";
import { spareHostPresent } from "./spare-host-present";
import { taintsNotReserved } from "./taints-not-reserved";
import { taintsUnique } from "./taints-unique";
import { taintsWellformed } from "./taints-wellformed";
import { workloadsSchedulable } from "./workloads-schedulable";

/** Checks of machine pools: names, labels, taints, rollout. */
export const poolsChecks: readonly Check[] = [
  drainEnds,
  labelsAllowed,
  labelsNotOurs,
  labelsWellformed,
  namesFree,
  namesShort,
  namesUnique,
  reuseCleaningUniform,
  reuseWithoutSpare,
  spareHostPresent,
  taintsNotReserved,
  taintsUnique,
  taintsWellformed,
  workloadsSchedulable,
];

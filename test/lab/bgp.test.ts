import path from "node:path";
import { namespaceFlags } from "../../lab/namespace/enter";
import { installedFrr } from "../../lab/router/frr-router";
import { FRR_SCENARIOS, SCENARIOS } from "./bgp/run";
import { scenarioTests } from "./scenarios";

const skipped = new Map(
  installedFrr() === undefined
    ? FRR_SCENARIOS.map((name) => [name, "FRR is not installed; apt-get install frr"] as const)
    : [],
);

/** All scenarios share one start of the lab: an API server, real speakers and a real router. */
scenarioTests(
  "BGP between real speakers and a real router",
  Object.keys(SCENARIOS),
  480,
  () => {
    const program = [process.execPath, "--import", "tsx", path.join(__dirname, "bgp", "run.ts")];
    return ["unshare", ...namespaceFlags(), "--kill-child=KILL", "--", ...program];
  },
  skipped,
);

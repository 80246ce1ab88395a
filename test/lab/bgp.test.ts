import path from "node:path";
import { namespaceFlags } from "../../lab/namespace/enter";
import { SCENARIOS } from "./bgp/run";
import { scenarioTests } from "./scenarios";

/** All scenarios share one start of the lab: an API server, real speakers and a real router. */
scenarioTests("BGP between real speakers and a real router", Object.keys(SCENARIOS), 480, () => {
  const program = [process.execPath, "--import", "tsx", path.join(__dirname, "bgp", "run.ts")];
  return ["unshare", ...namespaceFlags(), "--kill-child=KILL", "--", ...program];
});

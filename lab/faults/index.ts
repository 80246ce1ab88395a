import { apiServerRestart } from "./api-server-restart";
import { bgpPassword } from "./bgp-password";
import { bmcHangsDeprovisioning } from "./bmc-hangs-deprovisioning";
import { bmcPassword } from "./bmc-password";
import { bmcSilent } from "./bmc-silent";
import { engineKilled, engineKilledTwice } from "./engine-killed";
import type { Fault } from "./fault";
import { imageChecksum } from "./image-checksum";
import { imageWriteFails } from "./image-write-fails";
import { maximumPrefix } from "./maximum-prefix";
import { noHostMatches } from "./no-host-matches";
import { nodeReuseScaleIn } from "./node-reuse-scale-in";
import { nodeOutsideListenRange } from "./node-outside-listen-range";
import { prefixFiltered } from "./prefix-filtered";
import { rebootsInVain } from "./reboots-in-vain";
import { resourceSetControllerDown } from "./resource-set-controller-down";
import { routerDown } from "./router-down";
import { swappedAsns } from "./swapped-asns";

/** Every fault that `npm run rehearse -- --fault NAME` knows. */
export const FAULTS: readonly Fault[] = [
  bmcPassword,
  noHostMatches,
  bmcSilent,
  imageChecksum,
  imageWriteFails,
  nodeReuseScaleIn,
  rebootsInVain,
  bmcHangsDeprovisioning,
  apiServerRestart,
  resourceSetControllerDown,
  engineKilled,
  engineKilledTwice,
  swappedAsns,
  bgpPassword,
  nodeOutsideListenRange,
  prefixFiltered,
  routerDown,
  maximumPrefix,
];

/** The fault of that name; throws with all names. */
export function faultNamed(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (found === undefined) {
    throw new Error(
      `no fault is called "${name}"; there are ${FAULTS.map((fault) => fault.name).join(", ")}`,
    );
  }
  return found;
}

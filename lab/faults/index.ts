import {
  apiServerRestart,
  engineKilled,
  engineKilledTwice,
  resourceSetControllerDown,
} from "./interruptions";
import {
  agentKilled,
  apiHostMissing,
  directRoutes,
  egressGateway,
  maglevTable,
  masqueradeInterfaces,
  nodeLost,
} from "./agents";
import { bgpPassword, maximumPrefix, nodeOutsideListenRange, prefixFiltered, swappedAsns } from "./bgp";
import {
  bmcHangsDeprovisioning,
  bmcPassword,
  bmcSilent,
  imageChecksum,
  imageWriteFails,
  noHostMatches,
} from "./hosts";
import type { Fault, TrafficFault } from "./fault";
import { nodeReuseScaleIn, rebootsInVain } from "./machine-lifecycle";
import { routerDown } from "./router";

/** Every fault that `npm run rehearse -- --fault NAME` knows. */
export const faults: readonly (Fault | TrafficFault)[] = [
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
  apiHostMissing,
  masqueradeInterfaces,
  maglevTable,
  egressGateway,
  agentKilled,
  nodeLost,
  directRoutes,
];

/** The fault of that name; throws with all names. */
export function faultNamed(name: string): Fault | TrafficFault {
  const found = faults.find((fault) => fault.name === name);
  if (found === undefined) {
    throw new Error(
      `no fault is called "${name}"; there are ${faults.map((fault) => fault.name).join(", ")}`,
    );
  }
  return found;
}

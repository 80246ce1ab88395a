import type { Check } from "../check";
import { acceptedLengthsOrdered } from "./accepted-lengths-ordered";
import { aggregationWithinPool } from "./aggregation-within-pool";
import { asnPrivate } from "./asn-private";
import { asnUsable } from "./asn-usable";
import { blocksOrdered } from "./blocks-ordered";
import { clusterIpsServed } from "./cluster-ips-served";
import { communitiesForm } from "./communities-form";
import { defaultRouteAccepted } from "./default-route-accepted";
import { descriptionPlain } from "./description-plain";
import { externalIpsAccepted } from "./external-ips-accepted";
import { familiesAnnounced } from "./families-announced";
import { familyHasAddress } from "./family-has-address";
import { groupsDistinct } from "./groups-distinct";
import { keepaliveBelowHold } from "./keepalive-below-hold";
import { listenRangesCoverNodes } from "./listen-ranges-cover-nodes";
import { localAddressPerSession } from "./local-address-per-session";
import { localPortDialled } from "./local-port-dialled";
import { localPreferenceInternal } from "./local-preference-internal";
import { managementForm } from "./management-form";
import { maximumPrefixesAmple } from "./maximum-prefixes-ample";
import { maximumPrefixesSuffice } from "./maximum-prefixes-suffice";
import { multihopBeyondSubnet } from "./multihop-beyond-subnet";
import { namesUnique } from "./names-unique";
import { nodeAddressKnown } from "./node-address-known";
import { nodesSelectedOnce } from "./nodes-selected-once";
import { nodesSelected } from "./nodes-selected";
import { overrideHostExists } from "./override-host-exists";
import { peerNamesUnique } from "./peer-names-unique";
import { passwordPlain } from "./password-plain";
import { podCidrsPerNode } from "./pod-cidrs-per-node";
import { poolAnnounced } from "./pool-announced";
import { privilegedPortGranted } from "./privileged-port-granted";
import { routerAddressOutside } from "./router-address-outside";
import { routerAddressPerFamily } from "./router-address-per-family";
import { routerAddressUnique } from "./router-address-unique";
import { routerExists } from "./router-exists";
import { routerIdKnown } from "./router-id-known";
import { routerNamesUnique } from "./router-names-unique";
import { routerPeered } from "./router-peered";
import { sessionKindStated } from "./session-kind-stated";
import { sessionsUnique } from "./sessions-unique";
import { somethingAnnounced } from "./something-announced";

/** Checks of BGP. */
export const bgpChecks: readonly Check[] = [
  acceptedLengthsOrdered,
  aggregationWithinPool,
  asnPrivate,
  asnUsable,
  blocksOrdered,
  clusterIpsServed,
  communitiesForm,
  defaultRouteAccepted,
  descriptionPlain,
  externalIpsAccepted,
  familiesAnnounced,
  familyHasAddress,
  groupsDistinct,
  keepaliveBelowHold,
  listenRangesCoverNodes,
  localAddressPerSession,
  localPortDialled,
  localPreferenceInternal,
  managementForm,
  maximumPrefixesAmple,
  maximumPrefixesSuffice,
  multihopBeyondSubnet,
  namesUnique,
  nodeAddressKnown,
  nodesSelectedOnce,
  nodesSelected,
  overrideHostExists,
  peerNamesUnique,
  passwordPlain,
  podCidrsPerNode,
  poolAnnounced,
  privilegedPortGranted,
  routerAddressOutside,
  routerAddressPerFamily,
  routerAddressUnique,
  routerExists,
  routerIdKnown,
  routerNamesUnique,
  routerPeered,
  sessionKindStated,
  sessionsUnique,
  somethingAnnounced,
];

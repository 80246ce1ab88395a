import type { Check } from "../check";
import { addressesUnique } from "./addresses-unique";
import { addressingSettingsUsed } from "./addressing-settings-used";
import { cidrsCanonical } from "./cidrs-canonical";
import { cidrsDisjoint } from "./cidrs-disjoint";
import { ciliumPoolDisjoint } from "./cilium-pool-disjoint";
import { controlPlaneLeasesFixed } from "./control-plane-leases-fixed";
import { dnsAtMostThree } from "./dns-at-most-three";
import { dnsEntriesUnique } from "./dns-entries-unique";
import { dnsGiven } from "./dns-given";
import { dnsNotInCluster } from "./dns-not-in-cluster";
import { dnsReachable } from "./dns-reachable";
import { dnsUsable } from "./dns-usable";
import { dockerBridgeClear } from "./docker-bridge-clear";
import { dynamicRangesDisjoint } from "./dynamic-ranges-disjoint";
import { dynamicRangesHoldMachines } from "./dynamic-ranges-hold-machines";
import { endpointInNodeNetwork } from "./endpoint-in-node-network";
import { endpointOutsidePods } from "./endpoint-outside-pods";
import { endpointOutsideRanges } from "./endpoint-outside-ranges";
import { endpointUsable } from "./endpoint-usable";
import { familiesInOrder } from "./families-in-order";
import { gatewayInNodeNetwork } from "./gateway-in-node-network";
import { hostAddressUsable } from "./host-address-usable";
import { hostAddressesInNodeNetwork } from "./host-addresses-in-node-network";
import { hostsOutsideRanges } from "./hosts-outside-ranges";
import { nodeFamilyFirst } from "./node-family-first";
import { nodeFamilyInPods } from "./node-family-in-pods";
import { nodeNetworkSize } from "./node-network-size";
import { nodeShareHoldsPods } from "./node-share-holds-pods";
import { nodeShareSize } from "./node-share-size";
import { nodesHavePodFamilies } from "./nodes-have-pod-families";
import { ntpForm } from "./ntp-form";
import { oneNetworkPerFamily } from "./one-network-per-family";
import { podsHoldNodes } from "./pods-hold-nodes";
import { rangeEndsInOrder } from "./range-ends-in-order";
import { rangeInNodeNetwork } from "./range-in-node-network";
import { rangesUsable } from "./ranges-usable";
import { secondaryAddressesGiven } from "./secondary-addresses-given";
import { secondaryNetworkUsable } from "./secondary-network-usable";
import { serversOutsideRanges } from "./servers-outside-ranges";
import { serviceRangeSize } from "./service-range-size";

/** Checks of the address plan. */
export const netChecks: readonly Check[] = [
  addressesUnique,
  addressingSettingsUsed,
  cidrsCanonical,
  cidrsDisjoint,
  ciliumPoolDisjoint,
  controlPlaneLeasesFixed,
  dnsAtMostThree,
  dnsEntriesUnique,
  dnsGiven,
  dnsNotInCluster,
  dnsReachable,
  dnsUsable,
  dockerBridgeClear,
  dynamicRangesDisjoint,
  dynamicRangesHoldMachines,
  endpointInNodeNetwork,
  endpointOutsidePods,
  endpointOutsideRanges,
  endpointUsable,
  familiesInOrder,
  gatewayInNodeNetwork,
  hostAddressUsable,
  hostAddressesInNodeNetwork,
  hostsOutsideRanges,
  nodeFamilyFirst,
  nodeFamilyInPods,
  nodeNetworkSize,
  nodeShareHoldsPods,
  nodeShareSize,
  nodesHavePodFamilies,
  ntpForm,
  oneNetworkPerFamily,
  podsHoldNodes,
  rangeEndsInOrder,
  rangeInNodeNetwork,
  rangesUsable,
  secondaryAddressesGiven,
  secondaryNetworkUsable,
  serversOutsideRanges,
  serviceRangeSize,
];

import type { Check } from "../check";
import { agentRefusals } from "./agent-refusals";
import { apiEndpointSame } from "./api-endpoint-same";
import { bgpServed } from "./bgp-served";
import { bgpValuesKept } from "./bgp-values-kept";
import { bootstrapValuesKept } from "./bootstrap-values-kept";
import { clusterIdentity } from "./cluster-identity";
import { clusterNameShort } from "./cluster-name-short";
import { cniExclusive } from "./cni-exclusive";
import { cniPathAbsolute } from "./cni-path-absolute";
import { directRoutesConsistent } from "./direct-routes-consistent";
import { directRoutesOneSegment } from "./direct-routes-one-segment";
import { encryptionBootstraps } from "./encryption-bootstraps";
import { familiesMatchPods } from "./families-match-pods";
import { hubbleCertificatesStable } from "./hubble-certificates-stable";
import { installedVersionOlder } from "./installed-version-older";
import { ipamFollowsPods } from "./ipam-follows-pods";
import { loadBalancerPoolsUsed } from "./load-balancer-pools-used";
import { oneAnnouncement } from "./one-announcement";
import { operatorReplicasFit } from "./operator-replicas-fit";
import { podsRouted } from "./pods-routed";
import { routingCidrCoversPods } from "./routing-cidr-covers-pods";
import { settingsRollOut } from "./settings-roll-out";
import { settingsSaidOnce } from "./settings-said-once";
import { settingsTakeEffect } from "./settings-take-effect";
import { tunnelPodsPrivate } from "./tunnel-pods-private";
import { valuesAlive } from "./values-alive";
import { valuesKnown } from "./values-known";
import { valuesTyped } from "./values-typed";
import { versionSupported } from "./version-supported";
import { xdpFitsDevices } from "./xdp-fits-devices";

/** Checks of Cilium: version, values, routing, and what its agents refuse. */
export const ciliumChecks: readonly Check[] = [
  ...agentRefusals,
  apiEndpointSame,
  bgpServed,
  bgpValuesKept,
  bootstrapValuesKept,
  clusterIdentity,
  clusterNameShort,
  cniExclusive,
  cniPathAbsolute,
  directRoutesConsistent,
  directRoutesOneSegment,
  encryptionBootstraps,
  familiesMatchPods,
  hubbleCertificatesStable,
  installedVersionOlder,
  ipamFollowsPods,
  loadBalancerPoolsUsed,
  oneAnnouncement,
  operatorReplicasFit,
  podsRouted,
  routingCidrCoversPods,
  settingsRollOut,
  settingsSaidOnce,
  settingsTakeEffect,
  tunnelPodsPrivate,
  valuesAlive,
  valuesKnown,
  valuesTyped,
  versionSupported,
  xdpFitsDevices,
];

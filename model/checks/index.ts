import { UnparsedValueError } from "../stack/partial-stack";
import type { Stack } from "../stack/schema";
import { type Finding, findingsOf } from "../findings/finding";
import { announcementChecks } from "./bgp/announcements";
import { asnChecks } from "./bgp/asns";
import { endpointPeerChecks } from "./bgp/endpoint";
import { nodeChecks } from "./bgp/nodes";
import { prefixChecks } from "./bgp/prefixes";
import { routerChecks } from "./bgp/routers";
import { sessionChecks } from "./bgp/sessions";
import { bmcAddressChecks } from "./bmc/addresses";
import { bmcDriverChecks } from "./bmc/drivers";
import { bmcLoginChecks } from "./bmc/logins";
import type { Check, CheckSources } from "./check";
import { ciliumAddressChecks } from "./cilium/addresses";
import { bootstrapChecks } from "./cilium/bootstrap";
import { featureChecks } from "./cilium/features";
import { routingChecks } from "./cilium/routing";
import { valueChecks } from "./cilium/values";
import { healthChecks } from "./health";
import { diskChecks } from "./hosts/disks";
import { installerChecks, inventoryChecks } from "./hosts/inventory";
import { macChecks } from "./hosts/macs";
import { checksumChecks } from "./image/checksum";
import { imageUrlChecks } from "./image/url";
import { certificateChecks } from "./kubernetes/certificates";
import { argumentValueChecks } from "./kubernetes/argument-values";
import { componentChecks } from "./kubernetes/components";
import { encryptionChecks } from "./kubernetes/encryption";
import { endpointChecks, endpointAddressChecks } from "./kubernetes/endpoint";
import { patchChecks } from "./kubernetes/patches";
import { additionalLinkChecks } from "./links/additional";
import { bondChecks } from "./links/bonds";
import { interfaceChecks } from "./links/interfaces";
import { pooledLinkChecks } from "./links/pooled";
import { vlanChecks } from "./links/vlans";
import { cloudInitChecks } from "./machines/cloud-init";
import { fileChecks } from "./machines/files";
import { kubeletChecks } from "./machines/kubelet";
import { registryChecks } from "./machines/registries";
import { userDataChecks } from "./machines/user-data";
import { userChecks } from "./machines/users";
import { loadBalancerChecks } from "./load-balancer";
import { managementChecks } from "./management";
import { additionalNetworkChecks } from "./net/additional";
import { addressChecks } from "./net/addresses";
import { familyChecks } from "./net/families";
import { networkChecks } from "./net/networks";
import { podNetworkChecks } from "./net/pods";
import { rackChecks } from "./net/racks";
import { rangeChecks } from "./net/ranges";
import { routeChecks } from "./net/routes";
import { serverChecks } from "./net/servers";
import { labelChecks, poolNameChecks } from "./pools/labels";
import { rolloutChecks } from "./pools/rollout";
import { sizeChecks } from "./pools/sizes";
import { taintChecks } from "./pools/taints";
import { timeoutChecks } from "./timeouts";
import { versionChecks } from "./versions";

/** Every check, subject by subject; this list is their table of contents. */
export const checks: readonly Check[] = [
  ...networkChecks,
  ...rangeChecks,
  ...addressChecks,
  ...endpointAddressChecks,
  ...familyChecks,
  ...additionalNetworkChecks,
  ...rackChecks,
  ...routeChecks,
  ...podNetworkChecks,
  ...serverChecks,
  ...inventoryChecks,
  ...macChecks,
  ...installerChecks,
  ...diskChecks,
  ...bmcAddressChecks,
  ...bmcDriverChecks,
  ...bmcLoginChecks,
  ...managementChecks,
  ...versionChecks,
  ...endpointChecks,
  ...componentChecks,
  ...argumentValueChecks,
  ...patchChecks,
  ...encryptionChecks,
  ...certificateChecks,
  ...interfaceChecks,
  ...bondChecks,
  ...vlanChecks,
  ...additionalLinkChecks,
  ...pooledLinkChecks,
  ...checksumChecks,
  ...imageUrlChecks,
  ...poolNameChecks,
  ...labelChecks,
  ...taintChecks,
  ...sizeChecks,
  ...rolloutChecks,
  ...cloudInitChecks,
  ...userDataChecks,
  ...fileChecks,
  ...kubeletChecks,
  ...userChecks,
  ...registryChecks,
  ...healthChecks,
  ...valueChecks,
  ...featureChecks,
  ...bootstrapChecks,
  ...routingChecks,
  ...ciliumAddressChecks,
  ...routerChecks,
  ...asnChecks,
  ...sessionChecks,
  ...endpointPeerChecks,
  ...nodeChecks,
  ...announcementChecks,
  ...prefixChecks,
  ...loadBalancerChecks,
  ...timeoutChecks,
];

/** What the checks found, and how many of them ran. */
export interface Checked {
  readonly findings: readonly Finding[];
  /** Those that need a value which cannot be read yet. */
  readonly waiting: readonly Check[];
}

/** Runs all checks and returns all that they find. */
export function checkStack(stack: Stack, ...sources: CheckSources): readonly Finding[] {
  return runChecks(stack, ...sources).findings;
}

/** Runs all checks on a stack, or on the partial part of one. */
export function runChecks(stack: Stack, ...sources: CheckSources): Checked {
  const waiting: Check[] = [];
  const findings = checks.flatMap((check) => {
    try {
      return findingsOf(check, stack, ...sources);
    } catch (error) {
      if (!(error instanceof UnparsedValueError)) throw error;
      waiting.push(check);
      return [];
    }
  });
  return { findings, waiting };
}

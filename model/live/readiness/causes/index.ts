import type { CauseRule } from "../cause";
import {
  bgpAuthSecretMissing,
  bgpConfigConflict,
  bgpNoMatchingNode,
  bgpPeerConfigMissing,
} from "./bgp-conditions";
import { bgpAsnMismatch, bgpNodeOutsideRange, bgpOverMaximum } from "./bgp-sessions";
import { bmcCredentialsRefused } from "./bmc-credentials-refused";
import { bootstrapConfigGone } from "./bootstrap-config-gone";
import { clusterGone } from "./cluster-gone";
import { clusterNotSelected } from "./cluster-not-selected";
import { agentAbsent, cniAbsent } from "./cni-absent";
import { crashLooping } from "./crash-looping";
import { hostAbsent } from "./host-absent";
import { imageChecksumMismatch } from "./image-checksum-mismatch";
import { imageNotPulled } from "./image-not-pulled";
import { inspectionFailed } from "./inspection-failed";
import { managementRefused, managementUnreachable } from "./management-refused";
import { noneMatches } from "./none-matches";
import { payloadMissing } from "./payload-missing";
import { payloadWrongType } from "./payload-wrong-type";
import { powerFailed } from "./power-failed";
import { preparationFailed } from "./preparation-failed";
import { provisioningFailed } from "./provisioning-failed";
import { remediationGivenUp } from "./remediation-given-up";
import { registrationFailed } from "./registration-failed";
import { webhookRefused } from "./webhook-refused";
import { workloadMissing } from "./workload-missing";

/** Every cause for which waiting is pointless; the first that holds is the diagnosis. */
export const causeRules: readonly CauseRule[] = [
  managementUnreachable,
  managementRefused,
  clusterGone,
  bmcCredentialsRefused,
  imageChecksumMismatch,
  registrationFailed,
  inspectionFailed,
  preparationFailed,
  provisioningFailed,
  powerFailed,
  hostAbsent,
  noneMatches,
  remediationGivenUp,
  bootstrapConfigGone,
  webhookRefused,
  payloadMissing,
  payloadWrongType,
  clusterNotSelected,
  cniAbsent,
  imageNotPulled,
  crashLooping,
  agentAbsent,
  workloadMissing,
  bgpPeerConfigMissing,
  bgpNoMatchingNode,
  bgpConfigConflict,
  bgpAuthSecretMissing,
  bgpNodeOutsideRange,
  bgpAsnMismatch,
  bgpOverMaximum,
];

import type { Check } from "../check";
import { argumentFilesMounted } from "./argument-files-mounted";
import { argumentsFree } from "./arguments-free";
import { argumentsSpelt } from "./arguments-spelt";
import { certificateNamesForm } from "./certificate-names-form";
import { certificateNamesUnique } from "./certificate-names-unique";
import { endpointInterfaceKnown } from "./endpoint-interface-known";
import { endpointInterfacePresent } from "./endpoint-interface-present";
import { endpointInterfaceUsed } from "./endpoint-interface-used";
import { endpointPortServed } from "./endpoint-port-served";
import { imageVersionSame } from "./image-version-same";
import { versionNearCilium } from "./version-near-cilium";
import { versionSupported } from "./version-supported";
import { vipImagePinned } from "./vip-image-pinned";
import { vipImageSupported } from "./vip-image-supported";
import { volumesUnique } from "./volumes-unique";

/** Checks of Kubernetes itself: version, endpoint, certificate. */
export const kubernetesChecks: readonly Check[] = [
  argumentFilesMounted,
  argumentsFree,
  argumentsSpelt,
  certificateNamesForm,
  certificateNamesUnique,
  endpointInterfaceKnown,
  endpointInterfacePresent,
  endpointInterfaceUsed,
  endpointPortServed,
  imageVersionSame,
  versionNearCilium,
  versionSupported,
  vipImagePinned,
  vipImageSupported,
  volumesUnique,
];

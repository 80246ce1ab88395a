import type { Check } from "../check";
import { architectureHasImage } from "./architecture-has-image";
import { bmcAddressUnique } from "./bmc-address-unique";
import { bmcLoginGiven } from "./bmc-login-given";
import { bmcSchemeKnown } from "./bmc-scheme-known";
import { bootMacAmongLinks } from "./boot-mac-among-links";
import { controlPlaneSpread } from "./control-plane-spread";
import { deviceNamePath } from "./device-name-path";
import { enoughPerPool } from "./enough-per-pool";
import { failureDomainsComplete } from "./failure-domains-complete";
import { hctlForm } from "./hctl-form";
import { installerAddressed } from "./installer-addressed";
import { installerStaticPossible } from "./installer-static-possible";
import { labelSyntax } from "./label-syntax";
import { labelsOwnDomain } from "./labels-own-domain";
import { macFormat } from "./mac-format";
import { macUnicast } from "./mac-unicast";
import { macUnique } from "./mac-unique";
import { nameNotUuid } from "./name-not-uuid";
import { namesUnique } from "./names-unique";
import { poolAddressingUniform } from "./pool-addressing-uniform";
import { poolExists } from "./pool-exists";
import { raidServed } from "./raid-served";
import { rootDeviceGiven } from "./root-device-given";
import { rootDeviceSize } from "./root-device-size";
import { rootDeviceStable } from "./root-device-stable";
import { rootDeviceUnique } from "./root-device-unique";
import { wwnForm } from "./wwn-form";

/** Checks of the inventory. */
export const hostsChecks: readonly Check[] = [
  architectureHasImage,
  bmcAddressUnique,
  bmcLoginGiven,
  bmcSchemeKnown,
  bootMacAmongLinks,
  controlPlaneSpread,
  deviceNamePath,
  enoughPerPool,
  failureDomainsComplete,
  hctlForm,
  installerAddressed,
  installerStaticPossible,
  labelSyntax,
  labelsOwnDomain,
  macFormat,
  macUnicast,
  macUnique,
  nameNotUuid,
  namesUnique,
  poolAddressingUniform,
  poolExists,
  raidServed,
  rootDeviceGiven,
  rootDeviceSize,
  rootDeviceStable,
  rootDeviceUnique,
  wwnForm,
];

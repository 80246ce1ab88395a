import type { Check } from "../check";
import { addressForm } from "./address-form";
import { addressNotAMachines } from "./address-not-a-machines";
import { addressNotTaken } from "./address-not-taken";
import { addressRoutable } from "./address-routable";
import { bootModeServed } from "./boot-mode-served";
import { bootsWithoutPxe } from "./boots-without-pxe";
import { loginUnambiguous } from "./login-unambiguous";
import { noLoginInAddress } from "./no-login-in-address";
import { outsideClusterNetworks } from "./outside-cluster-networks";
import { outsideDynamicRanges } from "./outside-dynamic-ranges";
import { outsideNodeNetwork } from "./outside-node-network";
import { systemPathGiven } from "./system-path-given";
import { transportEncrypted } from "./transport-encrypted";
import { usernamePlain } from "./username-plain";
import { virtualMediaWithUefi } from "./virtual-media-with-uefi";

/** Checks of the servers' BMCs. */
export const bmcChecks: readonly Check[] = [
  addressForm,
  addressNotAMachines,
  addressNotTaken,
  addressRoutable,
  bootModeServed,
  bootsWithoutPxe,
  loginUnambiguous,
  noLoginInAddress,
  outsideClusterNetworks,
  outsideDynamicRanges,
  outsideNodeNetwork,
  systemPathGiven,
  transportEncrypted,
  usernamePlain,
  virtualMediaWithUefi,
];

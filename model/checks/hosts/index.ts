import type { Check } from "../check";
import { bmcAddressUnique } from "./bmc-address-unique";
import { bmcLoginGiven } from "./bmc-login-given";
import { bmcSchemeKnown } from "./bmc-scheme-known";
import { enoughPerPool } from "./enough-per-pool";
import { macFormat } from "./mac-format";
import { macUnique } from "./mac-unique";
import { nameNotUuid } from "./name-not-uuid";
import { namesUnique } from "./names-unique";
import { poolAddressingUniform } from "./pool-addressing-uniform";
import { poolExists } from "./pool-exists";

/** Checks of the inventory. */
export const hostsChecks: readonly Check[] = [
  bmcAddressUnique,
  bmcLoginGiven,
  bmcSchemeKnown,
  enoughPerPool,
  macFormat,
  macUnique,
  nameNotUuid,
  namesUnique,
  poolAddressingUniform,
  poolExists,
];

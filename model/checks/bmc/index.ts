import type { Check } from "../check";
import { bmcAddressChecks } from "./addresses";
import { bmcDriverChecks } from "./drivers";
import { bmcLoginChecks } from "./logins";

/** Checks of the servers' BMCs. */
export const bmcChecks: readonly Check[] = [...bmcAddressChecks, ...bmcDriverChecks, ...bmcLoginChecks];

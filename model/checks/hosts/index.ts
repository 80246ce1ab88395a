import type { Check } from "../check";
import { diskChecks } from "./disks";
import { installerChecks } from "./installer";
import { inventoryChecks } from "./inventory";
import { macChecks } from "./macs";

/** Checks of the inventory. */
export const hostsChecks: readonly Check[] = [
  ...inventoryChecks,
  ...macChecks,
  ...installerChecks,
  ...diskChecks,
];

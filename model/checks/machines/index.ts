import type { Check } from "../check";
import { cloudInitChecks } from "./cloud-init";
import { fileChecks } from "./files";
import { kubeletChecks } from "./kubelet";
import { registryChecks } from "./registries";
import { userChecks } from "./users";

/** Checks of what is written on machines: files, commands, kubelet arguments, users, registries. */
export const machinesChecks: readonly Check[] = [
  ...cloudInitChecks,
  ...fileChecks,
  ...kubeletChecks,
  ...userChecks,
  ...registryChecks,
];

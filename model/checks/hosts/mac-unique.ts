import { unique } from "./unique";

export const macUnique = unique(
  "hosts/mac-unique",
  "the provisioner tells servers apart by their MAC address",
  "mac",
  ({ mac }) => mac.toLowerCase(),
);

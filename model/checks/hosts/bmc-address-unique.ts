import { unique } from "./unique";

export const bmcAddressUnique = unique(
  "hosts/bmc-address-unique",
  "one server would be switched on and off for two hosts",
  "bmc.address",
  ({ bmc }) => bmc.address,
);

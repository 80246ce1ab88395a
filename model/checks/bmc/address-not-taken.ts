import { defineCheck } from "../check";
import { bmcsAt, gatewayAddresses } from "./taken";

export const addressNotTaken = defineCheck({
  id: "bmc/address-not-taken",
  severity: "warning",
  why: "a BMC at the gateway's address is right where one machine simulates the BMCs and routes, as in a virtual lab; elsewhere one of the two is misspelt, and the host cannot be managed",
  run: (stack) =>
    bmcsAt(stack, gatewayAddresses(stack)).map(({ at, address, other }) => ({
      at,
      problem: `"${address.text}" is also ${other.at}`,
      fix: "correct one of the two, or accept this where the gateway simulates the BMCs",
    })),
});

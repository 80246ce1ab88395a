import { specialRangeOf } from "../../addresses/special";
import { defineCheck } from "../check";
import { bmcAddresses } from "./addresses";

export const addressRoutable = defineCheck({
  id: "bmc/address-routable",
  why: "the provisioner runs in another machine and cannot reach a loopback, link-local or multicast address",
  run: (stack) =>
    bmcAddresses(stack).flatMap(({ at, address }) => {
      const special = specialRangeOf(address);
      if (special === undefined) return [];
      return [
        {
          at,
          problem: `"${address.text}" is ${special.name}`,
          fix: "write the BMC's address in your management network",
        },
      ];
    }),
});

import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";
import { bmcAddresses } from "./addresses";
import { takenAddresses } from "./taken";

export const addressNotTaken = defineCheck({
  id: "bmc/address-not-taken",
  why: "a machine that comes up with its BMC's address cuts the provisioner off from the BMC, and cannot be switched off any more",
  acceptable: false,
  run: (stack) => {
    const taken = takenAddresses(stack);
    return bmcAddresses(stack).flatMap(({ at, address }) =>
      taken
        .filter(({ text }) => {
          const other = parseAddress(text);
          return other?.family === address.family && other.first === address.first;
        })
        .map((other) => ({
          at,
          problem: `"${address.text}" is also ${other.at}`,
          fix: "correct one of the two",
        })),
    );
  },
});

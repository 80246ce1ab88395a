import { defineCheck } from "../check";
import { bmcsAt, machineAddresses } from "./taken";

export const addressNotAMachines = defineCheck({
  id: "bmc/address-not-a-machines",
  why: "a machine that comes up with its BMC's address cuts the provisioner off from the BMC, and cannot be switched off any more",
  acceptable: false,
  run: (stack) =>
    bmcsAt(stack, machineAddresses(stack)).map(({ at, address, other }) => ({
      at,
      problem: `"${address.text}" is also ${other.at}`,
      fix: "correct one of the two",
    })),
});

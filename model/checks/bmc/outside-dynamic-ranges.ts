import { defineCheck } from "../check";
import { insideRanges } from "../net/inside-ranges";
import { bmcAddresses } from "./addresses";

export const outsideDynamicRanges = defineCheck({
  id: "bmc/outside-dynamic-ranges",
  why: "a machine that is given the BMC's address cuts the provisioner off from the BMC",
  run: (stack) => insideRanges(stack, bmcAddresses(stack)),
});

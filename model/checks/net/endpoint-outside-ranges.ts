import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";
import { insideRanges } from "./inside-ranges";

export const endpointOutsideRanges = defineCheck({
  id: "net/endpoint-outside-ranges",
  why: "one day a machine is given the endpoint's address and takes the API off the network",
  acceptable: false,
  run: (stack) =>
    insideRanges(stack, [
      { at: "kubernetes.endpoint.host", address: parseAddress(stack.kubernetes.endpoint.host) },
    ]),
});

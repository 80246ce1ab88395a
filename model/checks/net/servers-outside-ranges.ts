import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";
import { insideRanges } from "./inside-ranges";

export const serversOutsideRanges = defineCheck({
  id: "net/servers-outside-ranges",
  why: "a machine that is given the gateway's or a name server's address takes it away from all others",
  run: (stack) => {
    const { gateway = "", dns } = stack.network;
    const servers = dns
      .map((text, i) => ({ at: `network.dns[${i}]`, address: parseAddress(text) }))
      .filter(({ address }) => address?.text !== gateway);
    return insideRanges(stack, [{ at: "network.gateway", address: parseAddress(gateway) }, ...servers]);
  },
});

import { misconfigure, repair } from "./bgp-routers";
import type { Fault } from "./fault";
import { swapAsns } from "./router-edits";

/** The router has the two ASNs the other way round: sessions stay `active`, and only the agents' logs say why. */
export const swappedAsns: Fault = {
  name: "swapped-asns",
  breaks: "the router has the cluster's ASN and its own the other way round",
  during: "up",
  changes: [{ at: ["metal:timeouts", "bgp"], to: 2 }],
  strikes: "before",
  strike: (stage) => misconfigure(stage, swapAsns),
  heal: repair,
  mustEnd: { as: "failure", withinSeconds: 600, saying: [/bgp\/asn-agreed/] },
};

import { misconfigure, repair } from "./bgp-routers";
import type { Fault } from "./fault";
import { changePassword } from "./router-edits";

/** The router drops the nodes' connections unseen; it takes others, and that tells this from a router that is down. */
export const bgpPassword: Fault = {
  name: "bgp-password",
  breaks: "the router has another TCP MD5 password than the nodes",
  during: "up",
  changes: [{ at: ["metal:timeouts", "bgp"], to: 2 }],
  strikes: "before",
  strike: (stage) => misconfigure(stage, changePassword),
  heal: repair,
  mustEnd: { as: "failure", withinSeconds: 600, saying: [/bgp\/password-agreed/] },
};

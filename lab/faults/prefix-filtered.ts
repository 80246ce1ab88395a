import { misconfigure, repair } from "./bgp-routers";
import type { Fault } from "./fault";
import { filterPods } from "./router-edits";

/** The nodes cannot know what a router drops: sessions are up, and only a look at both ends finds it. */
export const prefixFiltered: Fault = {
  name: "prefix-filtered",
  breaks: "the router filters the pod networks",
  during: "up",
  strikes: "before",
  strike: (stage) => misconfigure(stage, filterPods),
  heal: repair,
  mustEnd: { as: "success", withinSeconds: 600, saying: [] },
  comparisonFinds: ["bgp/routes-received"],
};

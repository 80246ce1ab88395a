import type { Fault } from "./fault";

/** The router is away when the nodes first call it, and comes back: the wait must outlast it. */
export const routerDown: Fault = {
  name: "router-down",
  breaks: "the router is down for 40 s from the moment the nodes call it",
  during: "up",
  strikes: { once: "bgp-speaker-started" },
  strike: async (stage) => {
    for (const router of stage.routers) await router.stop();
  },
  healsAfterSeconds: 40,
  heal: async (stage) => {
    for (const router of stage.routers) if (!router.runs) await router.start();
  },
  mustEnd: {
    as: "success",
    withinSeconds: 600,
    notBeforeSeconds: 40,
    saying: [/ active$/m, / established$/m],
  },
};

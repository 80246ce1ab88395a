import type { Fault } from "./fault";

/** The management API server dies during the wait and comes back: watches must survive it. */
export const apiServerRestart: Fault = {
  name: "api-server-restart",
  breaks: "the management API server is away for 5 s during the wait",
  during: "up",
  strikes: { once: "host-claimed" },
  strike: (stage) => stage.stopApiServer(),
  healsAfterSeconds: 5,
  heal: (stage) => stage.startApiServer(),
  mustEnd: { as: "success", withinSeconds: 300, saying: [] },
};

import type { Fault } from "./fault";

/** SIGKILL of the engine in the middle of `up`: after `pulumi cancel` the same command must simply resume. */
export const engineKilled: Fault = {
  name: "engine-killed",
  breaks: "the Pulumi engine is killed in the middle of `up`",
  during: "up",
  when: { once: "host-claimed" },
  inject: async (stage) => stage.killEngine(),
  repair: () => Promise.resolve(),
  mustEnd: { as: "killed", withinSeconds: 240, printing: [] },
};

/** The same twice in a row: what the first killed run left must not stop the second from leaving something to resume. */
export const engineKilledTwice: Fault = {
  ...engineKilled,
  name: "engine-killed-twice",
  breaks: "the Pulumi engine is killed in the middle of `up`, and again when `up` resumes",
  then: { ...engineKilled, when: { afterSeconds: 8 } },
};

/** The management API server dies during the wait and comes back: watches must survive it. */
export const apiServerRestart: Fault = {
  name: "api-server-restart",
  breaks: "the management API server is away for 5 s during the wait",
  during: "up",
  when: { once: "host-claimed" },
  inject: (stage) => stage.stopApiServer(),
  recoversAfterSeconds: 5,
  repair: (stage) => stage.startApiServer(),
  mustEnd: { as: "success", withinSeconds: 300, printing: [] },
};

/** Cluster API core, which applies resource sets, is away for a while: nodes come but get no CNI until it is back. */
export const resourceSetControllerDown: Fault = {
  name: "resource-set-controller-down",
  breaks: "the controller that applies the resource set is down for 20 s",
  during: "up",
  when: { once: "host-claimed" },
  inject: (stage) => stage.stopResourceSetController(),
  recoversAfterSeconds: 20,
  repair: (stage) => stage.startResourceSetController(),
  mustEnd: { as: "success", withinSeconds: 300, printing: [/resource set \S+: 1\/1 applied/] },
};

import type { Fault } from "./fault";

/** Cluster API core, which applies resource sets, is away for a while: nodes come but get no CNI until it is back. */
export const resourceSetControllerDown: Fault = {
  name: "resource-set-controller-down",
  breaks: "the controller that applies the resource set is down for 20 s",
  during: "up",
  strikes: { once: "host-claimed" },
  strike: (stage) => stage.stopResourceSetController(),
  healsAfterSeconds: 20,
  heal: (stage) => stage.startResourceSetController(),
  mustEnd: { as: "success", withinSeconds: 300, saying: [/resource set \S+: 1\/1 applied/] },
};

import { type Fault, workerHost } from "./fault";

/** A BMC hangs while its host is wiped: destroy must wait for it, not leave the host behind. */
export const bmcHangsDeprovisioning: Fault = {
  name: "bmc-hangs-deprovisioning",
  breaks: "the BMC of the worker's host hangs for 20 s while it deprovisions",
  during: "destroy",
  strikes: "before",
  strike: async (stage) => stage.armed.arm({ kind: "bmc-hangs-deprovisioning", host: workerHost(stage) }),
  healsAfterSeconds: 20,
  heal: async (stage) => stage.armed.clear("bmc-hangs-deprovisioning"),
  mustEnd: { as: "success", withinSeconds: 180, notBeforeSeconds: 20, saying: [] },
};

import { type Fault, workerHost } from "./fault";

/**
 * A BMC that does not answer and is then repaired, without any change of its login: the next `up` must have it tried again
 * at once, and not end on the old error or wait for the operator's growing pauses.
 */
export const bmcSilent: Fault = {
  name: "bmc-silent",
  breaks: "the BMC of the worker does not answer, and is repaired after the first `up`",
  during: "up",
  strikes: "before",
  strike: async (stage) => stage.armed.arm({ kind: "bmc-silent", host: workerHost(stage) }),
  heal: async (stage) => stage.armed.clear("bmc-silent"),
  mustEnd: { as: "failure", withinSeconds: 240, saying: [/hosts\/registration-failed/] },
};

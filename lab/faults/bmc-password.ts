import { type Fault, workerHost } from "./fault";

/** The wait must give up by name after three refused logins: some BMCs lock the account after a few more. */
export const bmcPassword: Fault = {
  name: "bmc-password",
  breaks: "a BMC refuses the password of the worker's host",
  during: "up",
  strikes: "before",
  strike: async (stage) => stage.armed.arm({ kind: "bmc-password", host: workerHost(stage) }),
  heal: async (stage) => stage.armed.clear("bmc-password"),
  mustEnd: { as: "failure", withinSeconds: 120, saying: [/hosts\/bmc-credentials-refused/] },
};

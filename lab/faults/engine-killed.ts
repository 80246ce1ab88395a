import type { Fault } from "./fault";

/** SIGKILL of the engine in the middle of `up`: after `pulumi cancel` the same command must simply resume. */
export const engineKilled: Fault = {
  name: "engine-killed",
  breaks: "the Pulumi engine is killed in the middle of `up`",
  during: "up",
  strikes: { once: "host-claimed" },
  strike: async (stage) => stage.killEngine(),
  heal: () => Promise.resolve(),
  mustEnd: { as: "killed", withinSeconds: 240, saying: [] },
};

/** The same twice in a row: what the first killed run left must not stop the second from leaving something to resume. */
export const engineKilledTwice: Fault = {
  ...engineKilled,
  name: "engine-killed-twice",
  breaks: "the Pulumi engine is killed in the middle of `up`, and again when `up` resumes",
  then: { ...engineKilled, strikes: { afterSeconds: 8 } },
};

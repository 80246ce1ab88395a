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

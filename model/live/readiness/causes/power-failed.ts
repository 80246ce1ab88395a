import { ownWordsRule } from "./host-error";

/** The BMC answers, but does not switch the server. */
export const powerFailed = ownWordsRule({
  id: "hosts/power-failed",
  why: "BMCs are often slow to switch and say so once or twice; five refusals are not slowness.",
  type: "power management error",
  tries: 5,
  problem: (state) => `the BMC does not switch the server's power: ${state.error.message}`,
  fix: "switch the server by hand through its BMC once; if that fails too, reset the BMC",
});

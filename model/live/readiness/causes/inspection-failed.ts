import { hopelessTries, ownWordsRule } from "./host-error";

/** The ramdisk that looks at the hardware does not come back. */
export const inspectionFailed = ownWordsRule({
  id: "hosts/inspection-failed",
  why: "The inspection was started several times and failed each time.",
  type: "inspection error",
  tries: hopelessTries,
  problem: (state) => `hardware inspection failed: ${state.error.message}`,
  fix: "look at the server's console: it must boot the inspection ramdisk over the network and reach Ironic",
});

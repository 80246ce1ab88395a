import { hopelessTries, ownWordsRule } from "./host-error";

/** Firmware, RAID or cleaning steps before provisioning fail. */
export const preparationFailed = ownWordsRule({
  id: "hosts/preparation-failed",
  why: "The preparation was started several times and failed each time.",
  type: "preparation error",
  tries: hopelessTries,
  problem: (state) => `preparation (cleaning, RAID, firmware) failed: ${state.error.message}`,
  fix: "correct what the message names, or set automatedCleaningMode to disabled for this host",
});

import { hopelessTries, ownWordsRule } from "./host-error";

/** Writing the image to the disk fails. */
export const provisioningFailed = ownWordsRule({
  id: "hosts/provisioning-failed",
  why: "The image was written several times and failed each time.",
  type: "provisioning error",
  tries: hopelessTries,
  problem: (state) => `writing the image failed: ${state.error.message}`,
  fix: "check that the image URL answers from the provisioning network and that the root device hints match a disk",
});

import { clusterRule } from "../cause";
import type { HostError, HostState } from "../host-state";
import { failing, hopelessTries, quoted, refusesImage } from "./host-error";

/** Writing the image to the disk fails. Between two writes the operator cleans the host, which then shows no error. */
export const provisioningFailed = clusterRule({
  id: "hosts/provisioning-failed",
  why: "The image was written several times and failed each time.",
  graceSeconds: 0,
  find: (situation) => {
    const shown = failing(situation, ["provisioning error"]);
    return situation.hosts.flatMap((state) => {
      const error = shown.find(({ name }) => name === state.name)?.error ?? remembered(state);
      if (error === undefined || error.count < hopelessTries || refusesImage(error)) return [];
      return [
        {
          object: `BareMetalHost/${state.name}`,
          who: state.name,
          problem: `writing the image failed: ${error.message}`,
          evidence: quoted(error),
          fix: "check that the image URL answers from the provisioning network and that the root device hints match a disk",
        },
      ];
    });

    function remembered({ name, phase, claimed }: HostState): HostError | undefined {
      const seen = situation.attempts?.get(name);
      const isBetween = claimed && ["available", "provision", "deprovision"].includes(phase);
      if (seen === undefined || !isBetween) return undefined;
      const count = seen.failedWrites.length;
      return { type: "provisioning error", message: seen.writeError ?? "", count };
    }
  },
});

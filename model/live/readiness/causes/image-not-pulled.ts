import type { CauseRule } from "../cause";
import { type ContainerState, ciliumContainers } from "./container-state";

/** The kubelet's words for an image that it cannot get; it goes from one to another while it tries again. */
const refusals = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
];

/** An image of Cilium cannot be pulled on a node. */
export const imageNotPulled: CauseRule = {
  id: "cilium/image-not-pulled",
  why: "The kubelet has asked for the image five times and got it not once: wrong name, no way to the registry, or no login.",
  // Its pauses double from 10 s: 10, 20, 40 and 80 s lie between five tries, and each try takes some seconds.
  graceSeconds: 180,
  find: ({ observation }) =>
    ciliumContainers(observation)
      .filter(({ waiting }) => waiting !== undefined && refusals.includes(waiting.reason))
      .map((state) => ({
        object: `Pod/${state.pod.metadata.name}`,
        who: state.who,
        problem: `the image of container ${state.container} cannot be pulled: ${state.image}`,
        evidence: evidence(state),
        fix:
          "let the nodes reach that registry, or name a mirror in machines.registryMirrors or another image in " +
          "cilium.values; then run pulumi up again",
      })),
};

function evidence({ container, waiting }: ContainerState): string {
  const message = waiting?.message ?? "";
  return `container ${container} is waiting, ${waiting?.reason ?? ""}${message === "" ? "" : `: "${message}"`}`;
}

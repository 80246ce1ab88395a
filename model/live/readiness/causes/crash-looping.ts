import type { CauseRule } from "../cause";
import { type ContainerState, ciliumContainers } from "./container-state";

/** Fewer are usual while the endpoint and the first control plane come up. */
const hopelessRestarts = 5;

/** A container of Cilium ends again and again. */
export const crashLooping: CauseRule = {
  id: "cilium/crash-looping",
  why: "It was started five times and more and always ended; the same start gives the same end.",
  // The kubelet's pauses grow to five minutes: what somebody has just mended gets one more start before it is judged.
  graceSeconds: 360,
  find: ({ observation }) =>
    ciliumContainers(observation)
      .filter(isLooping)
      .map((state) => ({
        object: `Pod/${state.pod.metadata.name}`,
        who: state.who,
        problem: `container ${state.container} has ended ${state.restarts} times and is not ready`,
        evidence: `last end of ${state.container}: ${state.ended ?? "unknown"}`,
        fix: `kubectl -n ${state.pod.metadata.namespace ?? "kube-system"} logs ${state.pod.metadata.name} -c ${state.container} --previous, then correct cilium.values`,
      })),
};

/** Judged by the count, not by CrashLoopBackOff alone: between two ends the container is running for a while. */
function isLooping({ ready, restarts, ended, waiting }: ContainerState): boolean {
  return (
    !ready && restarts >= hopelessRestarts && (ended !== undefined || waiting?.reason === "CrashLoopBackOff")
  );
}

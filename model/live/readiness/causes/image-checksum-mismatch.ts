import { text } from "../../../kubernetes/object";
import { clusterRule } from "../cause";
import { failing, quoted, refusesImage } from "./host-error";

/** The image's bytes are not those that the checksum promises. */
export const imageChecksumMismatch = clusterRule({
  id: "hosts/image-checksum-mismatch",
  why: "The same file has the same checksum at the next try.",
  graceSeconds: 0,
  find: (situation) =>
    failing(situation, ["provisioning error"])
      .filter((state) => refusesImage(state.error))
      .map((state) => ({
        object: `BareMetalHost/${state.name}`,
        who: state.name,
        problem: "the image does not have the checksum that the stack file promises",
        evidence: `${text(state.host, "spec", "image", "url") ?? "the image"}: ${quoted(state.error)}`,
        fix: "write the checksum of the file behind the image URL into the stack file, then run pulumi up again",
      })),
});

import type { Fault } from "./fault";

/** Every host writes an image whose checksum is not the one in the stack file. */
export const imageChecksum: Fault = {
  name: "image-checksum",
  breaks: "the image's checksum does not match",
  during: "up",
  strikes: "before",
  strike: async (stage) => stage.armed.arm({ kind: "image-checksum" }),
  heal: async (stage) => stage.armed.clear("image-checksum"),
  mustEnd: { as: "failure", withinSeconds: 180, saying: [/hosts\/image-checksum-mismatch/] },
};

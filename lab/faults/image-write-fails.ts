import { type Fault, workerHost } from "./fault";

/** No disk fits: the operator cleans the host after each write and counts its errors from the beginning; we count the writes. */
export const imageWriteFails: Fault = {
  name: "image-write-fails",
  breaks: "the image cannot be written to the worker's disk, time and again",
  during: "up",
  strikes: "before",
  strike: async (stage) => stage.armed.arm({ kind: "image-write", host: workerHost(stage) }),
  heal: async (stage) => stage.armed.clear("image-write"),
  mustEnd: { as: "failure", withinSeconds: 300, saying: [/hosts\/provisioning-failed/, /3 times/] },
};

import { defineCheck } from "../check";

export const cniPathAbsolute = defineCheck({
  id: "cilium/cni-path-absolute",
  why: "the agent cannot be given a folder of the host without a whole path, and no node becomes ready",
  acceptable: false,
  run: ({ image: { cniBinaryPath } }) =>
    /^\/[^\s]*[^\s/]$/.test(cniBinaryPath)
      ? []
      : [
          {
            at: "image.cniBinaryPath",
            problem: `"${cniBinaryPath}" is no whole path of a folder`,
            fix: "write the one of the image's container runtime, such as /opt/cni/bin",
          },
        ],
});

import { configValue } from "./config-value";

export const cniExclusive = configValue({
  id: "render/cni-exclusive",
  why: "an image's own CNI configuration would stay beside Cilium's, and the runtime takes the first by name",
  setting: "cni-exclusive",
  given: { setting: "write-cni-conf-when-ready" },
  wanted: () => "true",
  key: "cni.exclusive",
  fix: () => "remove cni.exclusive from cilium.values",
});

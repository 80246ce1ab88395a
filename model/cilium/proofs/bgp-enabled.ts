import { configValue } from "./config-value";

export const bgpEnabled = configValue({
  id: "render/bgp-enabled",
  why: "the operator registers the BGP kinds only when BGP is on, and this stack configures sessions",
  setting: "enable-bgp-control-plane",
  wanted: ({ bgp }) => (bgp === undefined ? undefined : "true"),
  key: "bgpControlPlane.enabled",
  fix: () => "remove bgpControlPlane.enabled from cilium.values",
});

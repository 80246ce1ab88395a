import { configValue } from "./config-value";

export const bgpStatusReported = configValue({
  id: "render/bgp-status-reported",
  why: "without status reports nobody sees whether a session is established, and this stack waits for that",
  setting: "enable-bgp-control-plane-status-report",
  given: { setting: "enable-bgp-control-plane", value: "true" },
  wanted: ({ bgp }) => (bgp === undefined ? undefined : "true"),
  key: "bgpControlPlane.statusReport.enabled",
  fix: () => "remove bgpControlPlane.statusReport from cilium.values",
});

import { configValue } from "./config-value";

export const bgpSecretsReadable = configValue({
  id: "render/bgp-secrets-readable",
  why: "the agents read BGP passwords from one namespace only; elsewhere they try with an empty password",
  setting: "bgp-secrets-namespace",
  given: { setting: "enable-bgp-control-plane", value: "true" },
  wanted: ({ bgp }) => bgp?.secretsNamespace,
  key: "bgpControlPlane.secretsNamespace.name",
  fix: () => "remove bgpControlPlane.secretsNamespace from cilium.values",
});

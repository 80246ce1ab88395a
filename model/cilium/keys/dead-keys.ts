/** A key that older charts read, and none of those that are supported. */
export interface DeadKey {
  readonly key: string;
  /** First minor that does not read it. */
  readonly removed: string;
  /** What to write instead, as a sentence after "fix:". */
  readonly instead: string;
  /** The chart's values.yaml still lists it, and no template reads it. */
  readonly stillListed?: true;
}

const nothing = "remove it; nothing takes its place";

/** Keys of guides and of older clusters, from the charts' own refusals and from renders that did not change. */
export const deadKeys: readonly DeadKey[] = [
  { key: "global", removed: "1.8", instead: "write its keys at the top of cilium.values" },
  { key: "tunnel", removed: "1.15", instead: "set cilium.routingMode and cilium.tunnelProtocol" },
  {
    key: "bgp",
    removed: "1.17",
    instead: "describe the sessions in metal:bgp; it switches bgpControlPlane on",
  },
  { key: "externalIPs", removed: "1.17", instead: "remove it; kubeProxyReplacement: true includes it" },
  { key: "hostPort", removed: "1.18", instead: "remove it; kubeProxyReplacement: true includes it" },
  { key: "nodePort.enabled", removed: "1.19", instead: "remove it; kubeProxyReplacement: true includes it" },
  { key: "hostServices", removed: "1.14", instead: "use socketLB" },
  { key: "sessionAffinity", removed: "1.19", instead: "remove it; it is always on" },
  {
    key: "enableInternalTrafficPolicy",
    removed: "1.19",
    instead: "remove it; it is always on",
    stillListed: true,
  },
  { key: "svcSourceRangeCheck", removed: "1.19", instead: "remove it; it is always on" },
  { key: "enableCnpStatusUpdates", removed: "1.15", instead: nothing },
  { key: "enableK8sEventHandover", removed: "1.15", instead: nothing },
  { key: "endpointStatus", removed: "1.16", instead: nothing },
  { key: "remoteNodeIdentity", removed: "1.16", instead: "remove it; it is always on" },
  { key: "containerRuntime", removed: "1.16", instead: nothing },
  { key: "etcd.managed", removed: "1.16", instead: nothing },
  { key: "encryption.keyFile", removed: "1.16", instead: "use encryption.ipsec.keyFile" },
  { key: "encryption.mountPath", removed: "1.16", instead: "use encryption.ipsec.mountPath" },
  { key: "encryption.secretName", removed: "1.16", instead: "use encryption.ipsec.secretName" },
  { key: "encryption.interface", removed: "1.16", instead: "use encryption.ipsec.interface" },
  { key: "proxy.prometheus", removed: "1.16", instead: "use envoy.prometheus" },
  { key: "enableCiliumEndpointSlice", removed: "1.18", instead: "use ciliumEndpointSlice.enabled" },
  { key: "ciliumEndpointSlice.sliceMode", removed: "1.18", instead: nothing },
];

/** Words that kubeProxyReplacement took until 1.15. */
export const deadProxyModes: readonly string[] = ["strict", "partial", "probe", "disabled"];

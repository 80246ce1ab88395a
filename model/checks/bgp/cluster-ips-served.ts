import { isOn, value } from "../cilium/user-values";
import { defineCheck } from "../check";
import { peersOf } from "./places";

/** pkg/loadbalancer/reconciler/bpf_reconciler.go of cilium 1.19: ClusterIPs are made routable only with this setting. */
export const clusterIpsServed = defineCheck({
  id: "bgp/cluster-ips-served",
  why: "routers send packets for ClusterIPs to nodes that drop them: in place of kube-proxy Cilium serves ClusterIPs to the cluster alone",
  run: (stack) => {
    if (!isOn(value(stack, "kubeProxyReplacement")) || isOn(value(stack, "bpf.lbExternalClusterIP"))) {
      return [];
    }
    return peersOf(stack.bgp).flatMap(({ peer, at }) =>
      peer.advertise.services.flatMap(({ addresses }, k) =>
        addresses.includes("ClusterIP")
          ? [
              {
                at: `${at}.advertise.services[${k}].addresses`,
                problem: "ClusterIP is announced, and bpf.lbExternalClusterIP is not on",
                fix: "write bpf.lbExternalClusterIP: true in cilium.values, or leave ClusterIP out",
              },
            ]
          : [],
      ),
    );
  },
});

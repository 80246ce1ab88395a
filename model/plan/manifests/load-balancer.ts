import { compactSelector, nodeSelectorOf } from "../../bgp/nodes";
import type { CiliumL2AnnouncementPolicy, CiliumLoadBalancerIPPool } from "../../kubernetes/cilium";
import type { LabelSelector } from "../../kubernetes/object";
import { contracts } from "../../kubernetes/resources";
import type { Bgp, LoadBalancer } from "../../stack/schema";
import type { LoadBalancerPlan } from "../plan";

/** The addresses of LoadBalancer services outside BGP, and which nodes answer for them. */
export function planLoadBalancer({ pools, l2Announcements }: LoadBalancer): LoadBalancerPlan {
  return { objects: [...pools.map(loadBalancerPool), ...l2Announcements.map(l2Policy)] };
}

function l2Policy(policy: LoadBalancer["l2Announcements"][number]): CiliumL2AnnouncementPolicy {
  const { name, interfaces, serviceSelector, addresses } = policy;
  return {
    apiVersion: contracts.ciliumL2,
    kind: "CiliumL2AnnouncementPolicy",
    metadata: { name },
    spec: {
      ...(interfaces.length === 0 ? {} : { interfaces }),
      ...given("nodeSelector", nodeSelectorOf(policy)),
      ...given("serviceSelector", compactSelector(serviceSelector)),
      // Both are stated: left out, each is false.
      loadBalancerIPs: addresses.includes("LoadBalancerIP"),
      externalIPs: addresses.includes("ExternalIP"),
    },
  };
}

function given<Key extends string>(key: Key, selector: LabelSelector): Partial<Record<Key, LabelSelector>> {
  return Object.keys(selector).length === 0 ? {} : ({ [key]: selector } as Record<Key, LabelSelector>);
}

/** A pool of addresses, of BGP or of L2 announcements. */
export function loadBalancerPool(pool: Bgp["loadBalancerPools"][number]): CiliumLoadBalancerIPPool {
  const selector = compactSelector(pool.serviceSelector);
  return {
    apiVersion: contracts.cilium,
    kind: "CiliumLoadBalancerIPPool",
    metadata: { name: pool.name },
    spec: {
      blocks: pool.blocks.map((block) => (typeof block === "string" ? { cidr: block } : block)),
      ...(pool.allowFirstLastIPs ? {} : { allowFirstLastIPs: "No" }),
      ...(Object.keys(selector).length === 0 ? {} : { serviceSelector: selector }),
    },
  };
}

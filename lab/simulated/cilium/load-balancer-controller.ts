import { text } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { hasConditions, timestamp, withConditions } from "../conditions";
import type { Controller } from "../controller";
import type { World } from "../store";
import { addressesOf, addressFor, poolConditions, usedOf, wantsAddress } from "./load-balancer";

/** Plays LB-IPAM: LoadBalancer Services get addresses of the pools. */
export function serviceController(context: LabContext, world: World): Controller {
  return {
    name: "cilium-lb-services",
    primary: types.Service,
    also: [types.CiliumLoadBalancerIPPool],
    async reconcile(service) {
      if (!wantsAddress(service) || addressesOf(service).length > 0) return;
      const used = new Set(world.list(types.Service).flatMap(addressesOf));
      const ip = addressFor(service, world.list(types.CiliumLoadBalancerIPPool), used);
      if (ip === undefined) return;
      const status = { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } };
      await world.patch(types.Service, service, { status }, "status");
      context.log.record("service-address-given", `Service/${service.metadata.name}`, ip);
    },
  };
}

/** Keeps the conditions of the pools. */
export function poolController(world: World): Controller {
  return {
    name: "cilium-lb-pools",
    primary: types.CiliumLoadBalancerIPPool,
    also: [types.Service],
    async reconcile(pool) {
      if (text(pool, "metadata", "deletionTimestamp") !== undefined) return;
      const used = usedOf(pool, world.list(types.Service).filter(wantsAddress).flatMap(addressesOf));
      const wanted = poolConditions(pool, world.list(types.CiliumLoadBalancerIPPool), used);
      if (hasConditions(pool, wanted)) return;
      const status = { conditions: withConditions(pool, wanted, timestamp()) };
      await world.patch(types.CiliumLoadBalancerIPPool, pool, { status }, "status");
    },
  };
}

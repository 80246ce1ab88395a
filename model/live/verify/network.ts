import type { Service } from "../../kubernetes/core";
import { verifyBgp } from "../bgp/verify";
import { inWorkload } from "../snapshot";
import { counted } from "../../text/wording";
import { type CheckResult, judged, notApplicable } from "../preflight/check-result";
import { condition } from "../../kubernetes/condition";
import type { Running } from "./check";

/** The cluster's end of every BGP session; `bgp verify` also compares with the routers. */
export function judgeSessions({ plan, snapshot }: Running): CheckResult {
  if (plan.bgp === undefined) return notApplicable("the stack has no bgp");
  const cluster = {
    nodes: inWorkload(snapshot, "nodes"),
    nodeConfigs: inWorkload(snapshot, "bgpNodeConfigs"),
    peerConfigs: inWorkload(snapshot, "bgpPeerConfigs"),
    advertisements: inWorkload(snapshot, "bgpAdvertisements"),
    services: inWorkload(snapshot, "services"),
  };
  const { sessions, findings } = verifyBgp(plan.bgp.readiness, cluster, new Map());
  return judged(
    `${counted(sessions.length, "session")} established, with the routes that are planned`,
    findings.map(({ id, at, problem, fix }) => ({ at, problem: `${problem} (${id})`, fix })),
  );
}

/** No two pools have an address in common, so that each is given out once. */
export function judgePools({ snapshot }: Running): CheckResult {
  const pools = inWorkload(snapshot, "loadBalancerPools");
  const problems = pools.flatMap((pool) => {
    const conflict = condition(pool, "cilium.io/PoolConflict");
    return conflict?.status === "True"
      ? [
          {
            at: `CiliumLoadBalancerIPPool/${pool.metadata.name}`,
            problem: `it shares addresses with another pool, and Cilium gives none of it out: ${conflict.message}`,
            fix: "make the blocks of bgp.loadBalancerPools disjoint, and remove pools that no stack has made",
          },
        ]
      : [];
  });
  return judged(counted(pools.length, "pool"), problems);
}

/** Every Service that asks for an address of a pool has one. */
export function judgeAddresses({ snapshot }: Running): CheckResult {
  if (inWorkload(snapshot, "loadBalancerPools").length === 0) return notApplicable("there are no pools");
  const wanting = inWorkload(snapshot, "services").filter(isForCilium);
  const problems = wanting
    .filter((service) => (service.status?.loadBalancer?.ingress ?? []).length === 0)
    .map((service) => ({
      at: `Service/${service.metadata.namespace ?? ""}/${service.metadata.name}`,
      problem: `has no address: ${condition(service, "cilium.io/IPAMRequestSatisfied")?.message ?? "Cilium has not answered"}`,
      fix: "give bgp.loadBalancerPools a block with free addresses whose selector matches the service",
    }));
  return judged(`addresses of ${counted(wanting.length, "service")}`, problems);
}

/** Other classes are other controllers'. */
function isForCilium(service: Service): boolean {
  const className = service.spec?.loadBalancerClass;
  return (
    service.spec?.type === "LoadBalancer" && (className === undefined || className.startsWith("io.cilium/"))
  );
}

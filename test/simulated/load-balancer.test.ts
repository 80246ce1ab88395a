import assert from "node:assert/strict";
import { addressFor, poolConditions, usedOf, wantsAddress } from "../../lab/simulated/cilium/load-balancer";
import { named } from "./objects";

const pool = (name: string, spec: Record<string, unknown>) =>
  named("CiliumLoadBalancerIPPool", name, { spec });
const service = (spec: Record<string, unknown> = {}, labels: Record<string, string> = {}) =>
  named("Service", "s", { labels, spec: { type: "LoadBalancer", ...spec } });

describe("simulated LB-IPAM", () => {
  const web = pool("web", {
    blocks: [{ cidr: "10.9.0.0/30" }],
    serviceSelector: { matchLabels: { app: "web" } },
  });

  it("gives the first free address of a pool that selects the Service", () => {
    assert.equal(addressFor(service({}, { app: "web" }), [web], new Set(["10.9.0.0"])), "10.9.0.1");
    assert.equal(addressFor(service(), [web], new Set()), undefined);
  });

  it("takes ranges, IPv6, and leaves the ends out when told", () => {
    const range = pool("r", { blocks: [{ start: "10.9.1.5", stop: "10.9.1.6" }] });
    assert.equal(addressFor(service(), [range], new Set()), "10.9.1.5");
    const inner = pool("i", { blocks: [{ cidr: "2001:db8::/120" }], allowFirstLastIPs: "No" });
    assert.equal(addressFor(service(), [inner], new Set()), "2001:db8::1");
  });

  it("serves only its own load balancer classes and no disabled pool", () => {
    assert.equal(wantsAddress(service({ loadBalancerClass: "other" })), false);
    assert.equal(wantsAddress(service({ loadBalancerClass: "io.cilium/bgp-control-plane" })), true);
    assert.equal(
      addressFor(service(), [pool("d", { blocks: [{ cidr: "10.0.0.0/24" }], disabled: true })], new Set()),
      undefined,
    );
  });

  it("says how many addresses are left, and which pool overlaps", () => {
    const other = pool("other", { blocks: [{ cidr: "10.9.0.2/31" }] });
    const messages = poolConditions(web, [web], usedOf(web, ["10.9.0.1", "10.8.0.1"]));
    assert.deepEqual(
      messages.map((condition) => condition.message),
      ["", "4", "3", "1"],
    );
    assert.equal(poolConditions(web, [web, other], 0)[0]?.status, "True");
  });
});

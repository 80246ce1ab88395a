import assert from "node:assert/strict";
import { AllocationError, allocate } from "../../lab/simulated/ipam";

const pool = (spec: Record<string, unknown>) => ({
  spec: {
    prefix: 24,
    gateway: "10.0.0.1",
    dnsServers: ["10.0.0.2"],
    pools: [{ start: "10.0.0.20", end: "10.0.0.22" }],
    ...spec,
  },
});

describe("simulated address management", () => {
  it("gives the first free address with the pool's prefix, gateway and servers", () => {
    assert.deepEqual(allocate(pool({}), ["c"], new Set(["10.0.0.20"])), {
      address: "10.0.0.21",
      prefix: 24,
      gateway: "10.0.0.1",
      dnsServers: ["10.0.0.2"],
    });
  });

  it("keeps pre-allocated addresses for their claims", () => {
    const promised = pool({ preAllocations: { "h1-nodes": "10.0.0.20" } });
    assert.equal(allocate(promised, ["other"], new Set()).address, "10.0.0.21");
    assert.equal(allocate(promised, ["data-0-nodes", "h1-nodes"], new Set()).address, "10.0.0.20");
  });

  it("refuses a pre-allocated address outside the pool, and an exhausted pool", () => {
    const outside = pool({ preAllocations: { c: "10.0.9.9" } });
    assert.throws(() => allocate(outside, ["c"], new Set()), /out of bounds/);
    const used = new Set(["10.0.0.20", "10.0.0.21", "10.0.0.22"]);
    assert.throws(() => allocate(pool({}), ["c"], used), AllocationError);
  });

  it("leaves out the first and last address of a subnet, also of IPv6", () => {
    assert.equal(
      allocate(pool({ pools: [{ subnet: "10.0.1.0/30" }] }), ["c"], new Set()).address,
      "10.0.1.1",
    );
    assert.equal(
      allocate(pool({ pools: [{ subnet: "2001:db8::/64" }] }), ["c"], new Set()).address,
      "2001:db8::1",
    );
  });
});

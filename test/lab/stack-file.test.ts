import assert from "node:assert/strict";
import { parse } from "yaml";
import { field } from "../../model/kubernetes/object";
import { rehearsalStack } from "../../lab/rehearsal/stack-file";

const source = `
encryptionsalt: v1:abc
config:
  metal:name: demo
  metal:management: { context: mgmt, namespace: ns, kubeconfig: /home/me/.kube/config }
  metal:kubernetes: { version: v1.36.3, endpoint: { host: 10.0.0.9 } }
  metal:bmc: { username: u, password: { secure: AAAA } }
  metal:hosts:
    - { name: a, pool: control-plane, address: 10.0.0.1, bmc: { password: { secure: BBBB } } }
    - { name: b, pool: workers }
  metal:bgp:
    routers: [{ name: r, addresses: ["fd00::1"] }]
    instances: [{ peers: [{ name: r, routers: [r], password: { secure: CCCC } }] }]
`;

describe("a rehearsal's copy of a stack file", () => {
  const stack = rehearsalStack(source, "stack");

  it("holds none of the owner's secrets and no way to decrypt them", () => {
    assert.doesNotMatch(stack.text, /AAAA|BBBB|CCCC|encryptionsalt/);
    assert.deepEqual(stack.secretPaths, [
      "metal:bmc.password",
      "metal:hosts[0].bmc.password",
      "metal:bgp.instances[0].peers[0].password",
    ]);
  });

  it("points at the lab's management cluster and lets everything be destroyed", () => {
    const config = field(parse(stack.text), "config");
    assert.deepEqual(field(config, "metal:management"), { context: "mgmt", namespace: "ns" });
    assert.equal(field(config, "metal:protect"), false);
  });

  it("tells which addresses must exist on this machine", () => {
    assert.deepEqual(stack.facts.addresses, ["10.0.0.9", "10.0.0.1", "fd00::1"]);
    assert.deepEqual(stack.facts.endpoint, {
      host: "10.0.0.9",
      port: 6443,
      provider: "kube-vip",
      byBgp: false,
    });
    assert.equal(stack.facts.cluster, "demo");
    assert.equal(rehearsalStack(source.replace("  metal:name: demo\n", ""), "stack").facts.cluster, "stack");
  });

  it("says what a stack file lacks", () => {
    assert.throws(() => rehearsalStack("config: {}", "x"), /lacks metal:kubernetes.endpoint.host/);
    assert.throws(() => rehearsalStack("a: [", "x"), /not YAML/);
  });
});

import assert from "node:assert/strict";
import { agentVerdict, operatorVerdict, type CiliumSurroundings } from "../../lab/simulated/cilium/payload";
import { networkPatch, podStatus, shows, withoutAgentTaint } from "../../lab/simulated/cilium/status";
import { nodeObject } from "../../lab/workload/node-objects";
import { text } from "../../model/kubernetes/object";
import { named } from "./objects";

const endpoint = { host: "10.250.250.29", port: 6443 };
const environment = (host: string | undefined) =>
  host === undefined
    ? []
    : [
        { name: "KUBERNETES_SERVICE_HOST", value: host },
        { name: "KUBERNETES_SERVICE_PORT", value: "6443" },
      ];
const agent = (host: string | undefined = endpoint.host, hostNetwork = true) =>
  named("Pod", "cilium-x", {
    spec: {
      hostNetwork,
      initContainers: [{ name: "config", env: environment(host) }],
      containers: [{ name: "cilium-agent", env: environment(host) }],
    },
  });
const config = (data: Record<string, string> = {}) =>
  named("ConfigMap", "cilium-config", {
    data: { "kube-proxy-replacement": "true", ipam: "kubernetes", ...data },
  });
const around = (parts: Partial<CiliumSurroundings> = {}): CiliumSurroundings => ({
  endpoint,
  config: config(),
  kubeProxy: false,
  definitionsReady: true,
  nodeTakesXdp: () => true,
  ...parts,
});
const node = named("Node", "n1", { spec: { podCIDR: "10.244.0.0/24" } });

function why(pod: ReturnType<typeof agent>, parts: Partial<CiliumSurroundings> = {}, on = node): string {
  const verdict = agentVerdict(pod, on, around(parts));
  return verdict.runs ? "runs" : verdict.message;
}

describe("simulated Cilium agent", () => {
  it("runs with the right endpoint, configuration and CRDs", () => assert.equal(why(agent()), "runs"));

  it("cannot reach another endpoint, nor the Service without kube-proxy", () => {
    assert.match(why(agent("10.0.0.9")), /at 10\.0\.0\.9:6443.*answers is 10\.250\.250\.29:6443/);
    const without = named("Pod", "p", {
      spec: { hostNetwork: true, containers: [{ name: "cilium-agent" }] },
    });
    assert.match(why(without), /kubernetes Service/);
    assert.equal(why(without, { kubeProxy: true }), "runs");
  });

  it("waits for its ConfigMap, the host's network, the operator's CRDs and a pod CIDR", () => {
    assert.match(why(agent(), { config: undefined }), /cilium-config/);
    assert.match(why(agent(endpoint.host, false)), /host's network/);
    assert.match(why(agent(), { definitionsReady: false }), /Cilium Operator/);
    assert.match(why(agent(), {}, named("Node", "n1", { spec: {} })), /PodCIDR/);
  });

  it("does not replace kube-proxy unless told", () => {
    assert.match(why(agent(), { config: config({ "kube-proxy-replacement": "false" }) }), /no kube-proxy/);
  });

  it("ends where it shall accelerate with a network card that cannot", () => {
    const accelerated = config({ "bpf-lb-acceleration": "native" });
    assert.equal(why(agent(), { config: accelerated }), "runs");
    assert.match(why(agent(), { config: accelerated, nodeTakesXdp: () => false }), /XDP.*not supported/);
    assert.equal(why(agent(), { nodeTakesXdp: () => false }), "runs");
  });

  it("lets the operator fail on its own connection only", () => {
    assert.equal(operatorVerdict(agent(), around({ definitionsReady: false })).runs, true);
    assert.equal(operatorVerdict(agent("10.0.0.9"), around()).runs, false);
  });

  it("shows in the pod what it says", () => {
    const verdict = { runs: false, reason: "CrashLoopBackOff", message: "why" } as const;
    const pod = agent();
    const failing = { ...pod, status: podStatus(pod, verdict, ["10.0.0.1"]) };
    assert.equal(shows(failing, verdict), true);
    const running = { ...pod, status: podStatus(failing, { runs: true }, ["10.0.0.1"]) };
    assert.equal(shows(running, { runs: true }), true);
    assert.equal(shows(running, verdict), false);
  });
});

describe("simulated node network", () => {
  const fresh = nodeObject(
    {
      name: "n1",
      addresses: ["10.0.0.1"],
      version: "v1.36.3",
      controlPlane: false,
      labels: {},
      taints: [],
      systemUuid: "u",
    },
    10250,
  );

  it("says Ready only when the agent is, and why not", () => {
    assert.equal(networkPatch(fresh, false, ""), undefined);
    const ready = { ...fresh, ...(networkPatch(fresh, true, "") as object) };
    const condition = (ready as unknown as { status: { conditions: unknown[] } }).status.conditions.find(
      (entry) => text(entry, "type") === "Ready",
    );
    assert.equal(text(condition, "status"), "True");
    assert.match(JSON.stringify(networkPatch(fresh, false, "cilium-x: why")), /cilium-x: why/);
  });

  it("takes only Cilium's own taint away", () => {
    const taints = [{ key: "node.cilium.io/agent-not-ready" }, { key: "other" }];
    assert.deepEqual(withoutAgentTaint(named("Node", "n", { spec: { taints } })), [{ key: "other" }]);
    assert.equal(withoutAgentTaint(fresh), undefined);
  });
});

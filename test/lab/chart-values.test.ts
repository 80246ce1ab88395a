import assert from "node:assert/strict";

import { readRender } from "../../model/cilium/proofs";
import { chartTools } from "../../lab/charts/record";
import { renderChart } from "../../lab/charts/render";
import { ensureTools, showProgress, type Toolchain } from "../../lab/toolchain/index";
import { CILIUM_VERSIONS } from "../../lab/toolchain/tools";

const variable = { name: "KUBERNETES_SERVICE_HOST", value: "10.250.250.20" };

/** Helm values as a person writes them, and the proofs that refuse what the chart makes of them. */
const cases: Readonly<Record<string, [values: Readonly<Record<string, unknown>>, ids: readonly string[]]>> = {
  nothing: [{}, []],
  "an endpoint of its own": [
    { k8sServiceHost: "10.96.0.1" },
    ["agent-api-host", "api-host-literal", "helpers-api-host", "operator-api-host"],
  ],
  "no port": [{ k8sServicePort: "" }, ["api-port"]],
  "a reference to the endpoint": [
    { k8sServiceHost: null, k8sServiceHostRef: { name: "endpoint", key: "host" } },
    ["api-host-inline"],
  ],
  "a list of API servers": [
    { k8sServiceHost: null, k8s: { apiServerURLs: "https://10.250.250.20:6443 https://10.250.250.21:6443" } },
    [],
  ],
  "a variable twice": [{ extraEnv: [variable] }, ["variables-unique"]],
  "a flag over a setting": [{ extraArgs: ["--kube-proxy-replacement=false"] }, ["settings-not-overridden"]],
  "a setting twice": [{ extraConfig: { debug: "true" } }, ["keys-unique"]],
  "an operator without the host's network": [{ operator: { hostNetwork: false } }, ["host-network"]],
  "an operator for control planes only": [
    { operator: { tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }] } },
    ["operator-tolerates-bootstrap"],
  ],
  "an agent that tolerates nothing": [{ tolerations: [] }, ["agent-tolerates-all"]],
  "an Envoy that tolerates nothing": [{ envoy: { tolerations: [] } }, ["envoy-tolerates-all"]],
  "Envoy inside the agent": [{ envoy: { enabled: false } }, []],
  "no operator": [{ operator: { enabled: false } }, ["workloads-present"]],
  "no agent": [{ agent: false }, ["workloads-present"]],
  "more operators than nodes": [{ operator: { replicas: 9 } }, ["operator-replicas-fit"]],
  "some nodes only": [{ nodeSelector: { "example.com/rack": "a" } }, ["placement-unrestricted"]],
  "the cluster's name service": [{ dnsPolicy: "ClusterFirstWithHostNet" }, ["node-dns"]],
  "no CRDs": [{ operator: { skipCRDCreation: true } }, ["crds-created"]],
  "no CNI": [{ cni: { install: false } }, ["cni-binaries-installed", "cni-written"]],
  "another CNI beside it": [{ cni: { exclusive: false } }, ["cni-exclusive"]],
  "another folder for CNI programs": [{ cni: { binPath: "/opt/cni/bin" } }, ["cni-bin-path"]],
  "nodes that stay tainted": [
    { operator: { removeNodeTaints: false, setNodeNetworkStatus: false } },
    ["node-marked-ready", "taints-removed"],
  ],
  "another name": [{ cluster: { name: "other" } }, ["cluster-name"]],
  "a tunnel behind the stack's back": [
    { routingMode: "tunnel" },
    ["direct-routes-consistent", "routing-mode"],
  ],
  "no routed network": [{ ipv4NativeRoutingCIDR: null }, ["native-cidr-covers"]],
  "no routes": [{ autoDirectNodeRoutes: false }, ["node-routes"]],
  "the chart's own pool": [{ ipam: { mode: "cluster-pool" } }, ["pod-pools-planned"]],
  "keys for ipsec": [{ encryption: { enabled: true, type: "ipsec" } }, ["secrets-not-required"]],
  wireguard: [{ encryption: { enabled: true, type: "wireguard" } }, []],
  "no BGP": [{ bgpControlPlane: { enabled: false } }, ["bgp-enabled"]],
  "BGP that does not report": [
    { bgpControlPlane: { statusReport: { enabled: false } } },
    ["bgp-status-reported"],
  ],
  "Hubble with Helm's certificates": [{ hubble: { enabled: true } }, ["no-secrets"]],
  "Hubble with certificates of its own": [
    { hubble: { enabled: true, relay: { enabled: true }, tls: { auto: { method: "cronJob" } } } },
    [],
  ],
  "monitors of Prometheus": [
    { prometheus: { enabled: true, serviceMonitor: { enabled: true, trustCRDsExist: true } } },
    ["kinds-built-in"],
  ],
};

describe("what the real charts make of Helm values", () => {
  let tools: Toolchain;
  before(async function () {
    this.timeout(40 * 60_000);
    tools = await ensureTools(chartTools, showProgress(process.stderr));
  });

  for (const [name, [values, ids]] of Object.entries(cases)) {
    it(`${ids.length === 0 ? "is proven" : `is refused by ${ids.join(", ")}`}: ${name}`, () => {
      for (const version of CILIUM_VERSIONS) {
        const { plan, rendered } = renderChart(tools, version, { values });
        const found = new Set(readRender(rendered, plan).findings.map(({ id }) => id.replace("render/", "")));
        assert.deepEqual([...found].sort(), ids, version);
      }
    });
  }
});

import assert from "node:assert";
import { classes, isClassified, riskOf, risks } from "../../model/cilium/risk";
import { field } from "../../model/kubernetes/object";
import { recorded } from "../proofs/recorded";

const settings = (version: string): Readonly<Record<string, string>> => {
  const objects = recorded.find((each) => each.version === version)?.render.objects ?? [];
  const config = objects.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "cilium-config",
  );
  return field(config, "data") as Record<string, string>;
};

/** `key before after` to the risk. */
const cases: Readonly<Record<string, string>> = {
  "ipam kubernetes cluster-pool": "changes IPAM",
  "cluster-pool-ipv4-cidr - 10.0.0.0/8": "changes IPAM",
  "routing-mode native tunnel": "changes routing",
  "enable-bgp-control-plane true false": "changes BGP",
  "bpf-lb-mode snat dsr": "restarts the datapath",
  "policy-default-local-cluster false true": "changes policy",
  "hubble-listen-address :4244 :4245": "observability",
  "hubble-listen-address - :4244": "opens access",
  "hubble-listen-address :4244 -": "observability",
  "hubble-listen-address - 127.0.0.1:4244": "observability",
  "hubble-listen-address - unix:///run/cilium/h.sock": "observability",
  "hubble-listen-address 10.0.0.1:4244 [::]:4244": "opens access",
  "operator-api-serve-addr 127.0.0.1:9234 0.0.0.0:9234": "opens access",
  "operator-api-serve-addr 127.0.0.1:9234 [::1]:9234": "observability",
  "operator-prometheus-serve-addr - :9963": "opens access",
  "prometheus-serve-addr - :9962": "opens access",
  "kube-proxy-replacement-healthz-bind-address - 0.0.0.0:10256": "opens access",
  "kube-proxy-replacement-healthz-bind-address 0.0.0.0:10256 -": "cosmetic",
  "pprof-address localhost 0.0.0.0": "restarts the datapath",
  "hubble-metrics-server - :9965": "opens access",
  "hubble-metrics-server-enable-tls true false": "opens access",
  "hubble-metrics-server-enable-tls false true": "observability",
  "hubble-disable-tls false true": "opens access",
  "hubble-disable-tls true false": "observability",
  "hubble-tls-client-ca-files /a/ca.crt /b/ca.crt": "opens access",
  "hubble-tls-cert-file - /a/server.crt": "observability",
  "hubble-redact-enabled true false": "opens access",
  "hubble-redact-enabled true -": "opens access",
  "hubble-redact-enabled - true": "observability",
  "hubble-redact-http-userinfo - false": "opens access",
  "hubble-redact-http-headers-allow - authorization": "opens access",
  "nodes-gc-interval 5m 10m": "cosmetic",
  "mesh-auth-enabled true false": "changes policy",
  "mesh-auth-gc-interval 5m 10m": "cosmetic",
  "enable-internal-traffic-policy true -": "cosmetic",
  "enable-internal-traffic-policy false -": "restarts the datapath",
  "enable-vtep false -": "cosmetic",
  "vtep-cidr - 10.9.0.0/24": "changes routing",
  "a-key-of-tomorrow - true": "restarts the datapath",
};

describe("risk of a change in cilium-config", () => {
  for (const [change, risk] of Object.entries(cases)) {
    it(`${change}: ${risk}`, () => {
      const [key = "", before, after] = change.split(" ").map((word) => (word === "-" ? undefined : word));
      const found = riskOf(key, before, after);
      assert.strictEqual(found.risk, risk);
      assert.notStrictEqual(found.why, "");
    });
  }

  for (const { version } of recorded) {
    it(`is known for every key of ${version}`, () => {
      const unknown = Object.keys(settings(version)).filter((key) => !isClassified(key));
      assert.deepStrictEqual(unknown, []);
    });
  }

  it("names no key twice, and only risks that there are", () => {
    const keys = classes.flatMap((each) => each.keys);
    assert.deepStrictEqual(
      keys.filter((key, i) => keys.indexOf(key) !== i),
      [],
    );
    for (const { risk } of classes) assert.ok(risks.includes(risk));
  });

  it("of an upgrade from 1.18 to 1.19 has these that are more than cosmetic", () => {
    const [before, after] = [settings("1.18.4"), settings("1.19.5")];
    const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((key) => before[key] !== after[key])
      .map((key) => `${key}: ${riskOf(key, before[key], after[key]).risk}`)
      .filter((line) => !line.endsWith("cosmetic"))
      .sort();
    assert.deepStrictEqual(changed, [
      "clustermesh-mcs-api-install-crds: changes policy",
      "enable-drift-checker: observability",
      "enable-dynamic-config: observability",
      "enable-no-service-endpoints-routable: changes routing",
      "enable-service-topology: restarts the datapath",
      "mesh-auth-enabled: changes policy",
      "packetization-layer-pmtud-mode: restarts the datapath",
      "policy-default-local-cluster: changes policy",
      "policy-deny-response: changes policy",
      "proxy-cluster-max-connections: restarts the datapath",
      "proxy-cluster-max-requests: restarts the datapath",
      "proxy-max-active-downstream-connections: restarts the datapath",
      "proxy-use-original-source-address: restarts the datapath",
    ]);
  });
});

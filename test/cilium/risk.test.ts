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

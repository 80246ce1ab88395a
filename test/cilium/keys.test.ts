import assert from "node:assert";
import {
  type KeyNode,
  deadKeys,
  judgeValues,
  keysOfMinor,
  knownMinors,
} from "../../model/cilium/keys/judge-values";
import { planCluster } from "../../model/plan/plan-cluster";
import { stackWith, stackWithEverything } from "../model/stacks";
import { callsOf } from "../work";

/** Values, the version, and what is said: `fault key: fix`. */
const cases: Readonly<Record<string, [values: Record<string, unknown>, version: string, said: string[]]>> = {
  "a slip of the pen at the top": [
    { kubeProxyReplacment: true },
    "1.19.5",
    ["unknown kubeProxyReplacment: write kubeProxyReplacement"],
  ],
  "a slip of the pen further down": [
    { bgpControlPlane: { enable: true } },
    "1.18.4",
    ["unknown bgpControlPlane.enable: write bgpControlPlane.enabled"],
  ],
  "the spelling of Cilium's own documentation": [
    { bgpControlPlane: { secretNamespace: { name: "kube-system" } } },
    "1.20.2",
    ["unknown bgpControlPlane.secretNamespace: write bgpControlPlane.secretsNamespace"],
  ],
  "a key in the wrong place": [
    { clusterPoolIPv4PodCIDRList: ["10.244.0.0/16"] },
    "1.19.5",
    ["unknown clusterPoolIPv4PodCIDRList: write ipam.operator.clusterPoolIPv4PodCIDRList"],
  ],
  "a key like no other": [
    { somethingElse: 1 },
    "1.19.5",
    [
      "unknown somethingElse: remove it; cilium.values.extraConfig takes settings that the chart has no key for",
    ],
  ],
  "a key of the next minor": [
    { datapathPlugins: { enabled: true } },
    "1.19.5",
    ["unknown datapathPlugins: remove it, or write a cilium.version of 1.20"],
  ],
  "a key of the last minor": [
    { encryption: { strictMode: { cidr: "10.0.0.0/8" } } },
    "1.20.2",
    ["dead encryption.strictMode.cidr: remove it; Cilium 1.19 was the last to read it"],
  ],
  "a key that is removed only later": [{ nodePort: { enabled: true } }, "1.18.4", []],
  "the same key once it is removed": [
    { nodePort: { enabled: true } },
    "1.19.5",
    ["dead nodePort.enabled: remove it; kubeProxyReplacement: true includes it"],
  ],
  "a word where the schema wants true or false": [
    { bgpControlPlane: { enabled: "yes" } },
    "1.19.5",
    ["type bgpControlPlane.enabled: write true or false"],
  ],
  "a list where a map stands": [{ hubble: [] }, "1.19.5", ["type hubble: write a map"]],
  "a word that is none of the choices": [
    { envoy: { xdsMode: "fast" } },
    "1.20.2",
    ['type envoy.xdsMode: write "split" or "ads" or "strict-ads"'],
  ],
  "either type, where the schema takes both": [
    { k8sServicePort: 6443, autoDirectNodeRoutes: "true" },
    "1.19.5",
    [],
  ],
  "null, which takes a default away": [{ hubble: { enabled: null }, operator: null }, "1.19.5", []],
  "what Kubernetes knows and the chart passes on": [
    {
      nodeSelector: { "example.com/rack": "a" },
      operator: { affinity: { nodeAffinity: { anything: 1 } }, resources: { limits: { cpu: 1 } } },
      extraConfig: { "some-setting": "x" },
    },
    "1.19.5",
    [],
  ],
  "hidden keys, which only the templates name": [
    { loadBalancer: { mode: "dsr", algorithm: "maglev" }, maglev: { tableSize: 65521 }, devices: "eno+" },
    "1.18.4",
    [],
  ],
  "keys that the templates reach through a variable": [
    { socketLB: { hostNamespaceOnly: true, terminatePodConnections: true, tracing: true } },
    "1.19.5",
    [],
  ],
  "a slip below such a key": [
    { socketLB: { hostnamespaceOnly: true } },
    "1.19.5",
    ["unknown socketLB.hostnamespaceOnly: write socketLB.hostNamespaceOnly"],
  ],
  "a version whose keys nobody has recorded": [{ anything: 1 }, "1.25.0", []],
  "a name that every object has in JavaScript": [
    { constructor: 1 },
    "1.19.5",
    [
      "unknown constructor: remove it; cilium.values.extraConfig takes settings that the chart has no key for",
    ],
  ],
};

describe("keys of cilium.values", () => {
  it("are known for three minors", () => assert.deepStrictEqual(knownMinors, ["1.18", "1.19", "1.20"]));

  for (const [name, [values, version, said]] of Object.entries(cases)) {
    it(`${said.length === 0 ? "accept" : "refuse"} ${name}`, () => {
      const judged = judgeValues(values, version);
      assert.deepStrictEqual(
        judged.map(({ fault, key, fix }) => `${fault} ${key}: ${fix}`),
        said,
      );
    });
  }

  for (const minor of knownMinors) {
    it(`of our own are all known to ${minor}, and of the right type`, () => {
      for (const stack of [stackWith(), stackWithEverything()]) {
        assert.deepStrictEqual(judgeValues(planCluster(stack).cilium.values, `${minor}.0`), []);
      }
    });

    it(`that are said to be dead are none of ${minor}'s, once they are removed`, () => {
      const wrong = deadKeys.filter(
        ({ key, removed, stillListed }) =>
          stillListed === undefined &&
          Number(removed.split(".")[1]) <= Number(minor.split(".")[1]) &&
          isKnown(minor, key.split(".")),
      );
      assert.deepStrictEqual(
        wrong.map(({ key }) => key),
        [],
      );
    });
  }

  it("are compared with those of the chart for the first 50 unknown ones: values have thousands of them", async () => {
    const unknown = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`ipv4x${i}`, { enabled: true }]));
    const judged = judgeValues({ ...unknown(20_000), ipv44: { enabled: true } }, "1.19.5");
    const first = judgeValues({ ipv44: { enabled: true }, ...unknown(20_000) }, "1.19.5");
    assert.deepStrictEqual([judged.length, first.length], [20_001, 20_001]);
    assert.deepStrictEqual([judged.at(-1)?.fix.split(";")[0], first[0]?.fix], ["remove it", "write ipv4"]);
    const calls = (count: number) => callsOf(() => judgeValues(unknown(count), "1.19.5"));
    const [few, many] = [await calls(50), await calls(500)];
    assert.ok(many < 2 * few, `${few} calls for 50, ${many} for 500`);
  });

  it("in a finding never come with a text that stands there", () => {
    const judged = judgeValues({ hubble: "hunter2", operator: { replicas: "hunter2" } }, "1.19.5");
    assert.strictEqual(judged.length, 2);
    assert.ok(!JSON.stringify(judged).includes("hunter2"));
  });
});

function isKnown(minor: string, [first = "", ...rest]: readonly string[]): boolean {
  let node: KeyNode | undefined = keysOfMinor(minor)?.[first];
  for (const step of rest) node = typeof node === "object" ? node[step] : undefined;
  return node !== undefined;
}

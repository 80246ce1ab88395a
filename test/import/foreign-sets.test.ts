import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { importStack } from "../../model/import/import-stack";
import { field } from "../../model/kubernetes/object";
import { callsOf } from "../work";
import { metal, projectWith } from "../ops/command-line";
import { judgeStackFile } from "../../ops/stack/read-stack-file";

const fixtures = path.join(__dirname, "../fixtures/import");
const golden = path.join(__dirname, "../golden/import");

/** A project with the folders of foreign objects in it. */
function projectWithSets(): string {
  const directory = projectWith({});
  fs.cpSync(fixtures, path.join(directory, "sets"), { recursive: true });
  return directory;
}

describe("import of what others have written", () => {
  for (const set of fs.readdirSync(fixtures).sort()) {
    it(`${set}: the stack file and the lists are as test/golden/import/${set} shows`, async () => {
      const directory = projectWithSets();
      const { code, out, err } = await metal(directory, ["import", `sets/${set}`, "--name", set]);
      assert.equal(code, 1, err);
      const text = fs.readFileSync(path.join(directory, `Pulumi.${set}.yaml`), "utf8");
      compare(path.join(golden, set, `Pulumi.${set}.yaml`), text);
      compare(path.join(golden, set, "report.txt"), out);
      const { findings } = judgeStackFile(directory, set, new Date("2026-11-25T00:00:00Z"));
      compare(
        path.join(golden, set, "check.txt"),
        findings.map(({ severity, id, at }) => `${severity} ${id} ${at}\n`).join(""),
      );
      assert.ok(!(text + out + err).includes("never-written"), "a secret of the inputs is in the output");
      assert.ok(!(text + out + err).includes(Buffer.from("never-written").toString("base64")));
    });
  }

  it("refuses more machines than a stack may have, before it makes a host for each", () => {
    const [deployment, controlPlane] = ["MachineDeployment", "KubeadmControlPlane"].map((kind) =>
      stringify({
        apiVersion:
          kind === "MachineDeployment" ? "cluster.x-k8s.io/v1beta2" : "controlplane.cluster.x-k8s.io/v1beta2",
        kind,
        metadata: { name: "many", namespace: "a", labels: { "cluster.x-k8s.io/cluster-name": "many" } },
        spec: { clusterName: "many", replicas: 300_000_000, version: "v1.36.3" },
      }),
    );
    const result = importStack(
      [{ name: "a.yaml", text: `${deployment ?? ""}---\n${controlPlane ?? ""}` }],
      {},
    );
    assert.ok("problems" in result);
    assert.match(result.problems.join("\n"), /replicas: /);
  });

  it("prints the lists as JSON, each entry with file, object, path and reason", async () => {
    const directory = projectWithSets();
    const { out } = await metal(directory, ["import", "sets/telco-racks", "--json"]);
    const { file, notCarried } = JSON.parse(out) as { file: string; notCarried: Record<string, string>[] };
    assert.equal(file, "Pulumi.site.yaml");
    assert.deepEqual(
      notCarried.find(({ at }) => at === "spec.firmware"),
      {
        file: "sets/telco-racks/hosts.yaml",
        object: "BareMetalHost/r2-n1",
        at: "spec.firmware",
        why: "a stack file has no key for it",
      },
    );
  });

  it("has no golden folder that nothing writes", () => {
    assert.deepEqual(fs.readdirSync(golden).sort(), fs.readdirSync(fixtures).sort());
  });
});

/** Compares with a golden file, or writes it. */
function compare(file: string, text: string): void {
  if (process.env["METAL_WRITE_GOLDEN"] === "1") {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return;
  }
  assert.equal(fs.readFileSync(file, "utf8"), text, "run `npm run golden` and review the diff");
}

const host = (name: string) =>
  `apiVersion: metal3.io/v1alpha1\nkind: BareMetalHost\nmetadata: { name: ${name} }\nspec: { bootMACAddress: "52:54:00:00:00:01", bmc: { address: "ipmi://10.0.0.1" } }\n`;
const cluster = (name: string) =>
  `apiVersion: cluster.x-k8s.io/v1beta2\nkind: Cluster\nmetadata: { name: ${name} }\n`;

/** Inputs that are refused, each with everything that is said about them. */
const refused: Readonly<
  Record<string, readonly [files: Readonly<Record<string, string>>, problems: readonly string[]]>
> = {
  "a file that is not YAML, at its line": [
    { "a.yaml": `${cluster("a")}---\nkind: [\n` },
    [
      "a.yaml:6: a bracket above stays open, or this line is not aligned with its neighbours; close the bracket, or align the line",
    ],
  ],
  "files without objects": [
    { "a.yaml": "# nothing\n", "b.yaml": "just a text\n" },
    [
      "a.yaml: holds no object",
      "b.yaml:1: neither an object with apiVersion, kind and metadata.name nor Helm values of Cilium",
    ],
  ],
  "two clusters, and an object twice": [
    { "a.yaml": `${cluster("a")}---\n${host("h")}`, "b.yaml": `${cluster("b")}---\n${host("h")}` },
    [
      "b.yaml: BareMetalHost/h is in a.yaml as well; name one of them",
      "2 objects of the kind Cluster: a (a.yaml), b (b.yaml); one stack is one cluster, import one at a time",
    ],
  ],
  "kinds that are not imported, with the nearest": [
    {
      "a.yaml": `${cluster("a")}---\n${host("h").replace("BareMetalHost", "BareMetalHosts")}---\napiVersion: v1\nkind: PersistentVolume\nmetadata: { name: p }\n`,
    },
    [
      'a.yaml: BareMetalHosts/h is of a kind that is not imported; did you mean "BareMetalHost"?',
      "a.yaml: PersistentVolume/p is of a kind that is not imported; kinds that are read: Cluster, KubeadmControlPlane, KubeadmConfigTemplate, MachineDeployment, MachineHealthCheck, BareMetalHost, Metal3Cluster, Metal3MachineTemplate, Metal3DataTemplate, Metal3RemediationTemplate, IPPool, Secret, CiliumBGPClusterConfig, CiliumBGPPeerConfig, CiliumBGPAdvertisement, CiliumBGPNodeConfigOverride, CiliumLoadBalancerIPPool, CiliumL2AnnouncementPolicy",
    ],
  ],
  "Helm values alone": [
    { "a.yaml": "kubeProxyReplacement: true\n" },
    ["there are only Helm values; name the files of the cluster as well"],
  ],
  "hosts of an unnamed cluster": [
    { "a.yaml": host("h") },
    ["no input names the cluster; add the Cluster, or pass --name"],
  ],
  "values that no stack file can hold": [
    {
      "a.yaml": `${cluster("a")}---\n${host("h").replace("spec: {", "spec: { bootMode: BIOS, rootDeviceHints: { disk: sda },")}`,
    },
    [
      'hosts[0].bootMode: "BIOS" is none of UEFI, UEFISecureBoot, legacy; write one of UEFI, UEFISecureBoot, legacy',
      'hosts[0].rootDeviceHints.disk: unknown key "disk"; remove it; the keys here are deviceName, hctl, model, vendor, serialNumber, minSizeGigabytes, wwn, wwnWithExtension, wwnVendorExtension, rotational',
    ],
  ],
};

describe("import refuses, and writes nothing", () => {
  for (const [what, [files, problems]] of Object.entries(refused)) {
    it(what, async () => {
      const directory = projectWith(files);
      const { code, out, err } = await metal(directory, ["import", ...Object.keys(files)]);
      assert.deepEqual([code, out], [2, ""]);
      assert.deepEqual(err.trimEnd().split("\n"), [
        "error: nothing is written:",
        ...problems.map((line) => `  ${line}`),
      ]);
      assert.deepEqual(fs.readdirSync(directory).sort(), ["Pulumi.yaml", ...Object.keys(files)].sort());
    });
  }

  it("paths that do not exist, a folder without YAML, a stack file that is there, and bad files, all at once", async () => {
    const directory = projectWith({ "Pulumi.mine.yaml": "config: {}\n", "a.yaml": "a text\n" });
    fs.mkdirSync(path.join(directory, "empty"));
    const { code, err } = await metal(directory, [
      "import",
      "missing.yaml",
      "empty",
      "a.yaml",
      "--name",
      "mine",
    ]);
    assert.equal(code, 2);
    for (const says of [
      /missing\.yaml does not exist/,
      /empty holds no YAML/,
      /a\.yaml:1: neither/,
      /Pulumi\.mine\.yaml already exists/,
    ]) {
      assert.match(err, says);
    }
    assert.equal(fs.readFileSync(path.join(directory, "Pulumi.mine.yaml"), "utf8"), "config: {}\n");
  });

  it("a name that is none", async () => {
    const { code, err } = await metal(projectWith({ "a.yaml": cluster("a") }), [
      "import",
      "a.yaml",
      "--name",
      "../up",
    ]);
    assert.equal(code, 2);
    assert.match(err, /lower-case letters, digits and dashes/);
  });
});

describe("import of texts that hold secrets", () => {
  const plain = "hunter2hunter2";
  const key = Buffer.from("private").toString("base64");
  const objects = [
    {
      apiVersion: "controlplane.cluster.x-k8s.io/v1beta2",
      kind: "KubeadmControlPlane",
      metadata: { name: "a", namespace: "a" },
      spec: {
        kubeadmConfigSpec: {
          files: [{ path: "/etc/keepalived.conf", content: `auth_pass: ${plain}\n` }],
          preKubeadmCommands: [`curl -u admin:${plain} http://10.0.0.1`],
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "other", namespace: "a" },
      stringData: { token: plain },
    },
    {
      kubeProxyReplacement: true,
      extraEnv: [{ name: "DB_PASSWORD", value: plain }],
      tls: { ca: { cert: "Y2VydA==", key } },
    },
  ];

  it("writes none of them, and lists each place", () => {
    const result = importStack([
      { name: "a.yaml", text: objects.map((each) => stringify(each)).join("---\n") },
    ]);
    if ("problems" in result) throw new Error(result.problems.join("\n"));
    const all = result.text + JSON.stringify([result.notCarried, result.added]);
    assert.ok(!all.includes(plain) && !all.includes(key), all);
    const places = result.notCarried.filter(({ why }) =>
      /secret in plain text|private key|never read/.test(why),
    );
    assert.deepEqual(
      places.map(({ object, at }) => `${object} ${at}`),
      [
        "the stack file machines.files[0].content",
        "the stack file machines.preKubeadmCommands[0]",
        "Cilium values tls.ca.key",
        "the stack file cilium.values.extraEnv[0].value",
        "Secret/other ",
      ],
    );
  });
});

describe("import lists what is easily taken for carried over", () => {
  const controlPlane = (nodeLabels: string) => `apiVersion: controlplane.cluster.x-k8s.io/v1beta2
kind: KubeadmControlPlane
metadata: { name: a }
spec:
  machineTemplate: { metadata: { labels: { team: web } } }
  kubeadmConfigSpec:
    initConfiguration: { nodeRegistration: { kubeletExtraArgs: [{ name: node-labels, value: "${nodeLabels}" }] } }
    joinConfiguration: { nodeRegistration: { kubeletExtraArgs: [{ name: node-labels, value: "metal3.io/uuid={{ ds.meta_data.uuid }},disk=ssd" }] } }
`;
  const advertisement = `apiVersion: cilium.io/v2
kind: CiliumBGPAdvertisement
metadata: { name: idle, labels: { advertise: none } }
spec: { advertisements: [{ advertisementType: PodCIDR }] }
---
apiVersion: cilium.io/v2
kind: CiliumBGPClusterConfig
metadata: { name: b }
spec: { bgpInstances: [{ name: b, localASN: 65001, peers: [{ name: r, peerASN: 65002, peerAddress: 10.0.0.2 }] }] }
`;
  const paused = host("h")
    .replace(
      "name: h",
      'name: h, annotations: { baremetalhost.metal3.io/paused: "" , example.com/owner: me }',
    )
    .replace("spec: {", "spec: { networkData: { name: h-net },");
  const listFor = (...texts: readonly string[]) => {
    const result = importStack([{ name: "a.yaml", text: texts.join("---\n") }]);
    if ("problems" in result) throw new Error(result.problems.join("\n"));
    return result.notCarried.map(({ object, at }) => `${object} ${at}`);
  };

  it("network data in no input, labels of machines, what no peer announces, annotations, labels of init alone", () => {
    const list = listFor(controlPlane("disk=ssd,only=init"), paused, advertisement);
    for (const entry of [
      "BareMetalHost/h spec.networkData",
      "BareMetalHost/h metadata.annotations.example.com/owner",
      "BareMetalHost/h metadata.annotations.baremetalhost.metal3.io/paused",
      "KubeadmControlPlane/a spec.machineTemplate.metadata.labels.team",
      "KubeadmControlPlane/a spec.kubeadmConfigSpec.initConfiguration.nodeRegistration.kubeletExtraArgs[node-labels].value",
      "CiliumBGPAdvertisement/idle ",
    ]) {
      assert.ok(list.includes(entry), `${entry} is not in\n${list.join("\n")}`);
    }
  });

  it("and no node labels where they are the same", () => {
    const list = listFor(controlPlane("disk=ssd"), paused);
    assert.deepEqual(
      list.filter((entry) => entry.includes("node-labels")),
      [],
    );
  });
});

describe("import of names that a stack file does not take", () => {
  it("writes them without dots, and lists what the plan is named", () => {
    const result = importStack([
      { name: "a.yaml", text: [cluster("a"), host("node1.example.com")].join("---\n") },
    ]);
    if ("problems" in result) throw new Error(result.problems.join("\n"));
    assert.deepEqual(
      result.notCarried.find(({ at }) => at === "metadata.name"),
      {
        file: "a.yaml",
        object: "BareMetalHost/node1.example.com",
        at: "metadata.name",
        why: 'the stack plans "node1-example-com"',
      },
    );
  });
});

describe("import of a site with 300 hosts", () => {
  it("makes calls in proportion to the hosts: logins and notes are looked up, not searched for", async () => {
    const imported = (count: number) => {
      const site = Array.from({ length: count }, (_, i) => [
        host(`h-${i}`).replace('"ipmi://10.0.0.1"', `"ipmi://10.0.0.1", credentialsName: h-${i}-bmc`),
        `apiVersion: v1\nkind: Secret\nmetadata: { name: h-${i}-bmc }\nstringData: { username: a, password: b }\n`,
      ]).flat();
      const result = importStack([{ name: "a.yaml", text: [cluster("a"), ...site].join("---\n") }]);
      assert.ok(!("problems" in result) && result.stack.hosts.length === count);
    };
    const [few, many] = [await callsOf(() => imported(30)), await callsOf(() => imported(300))];
    assert.ok(many < 11.5 * few, `${few} calls for 30 hosts, ${many} for 300`);
  });
});

/** What stands in the place of any field. */
const odd: readonly unknown[] = [null, 7, "x", [], {}, true, [null], { a: 1 }, "::"];

describe("import of objects with a field of another form", () => {
  for (const set of fs.readdirSync(fixtures)) {
    it(`${set}: is refused or written, and never fails`, () => {
      const objects = fs
        .readdirSync(path.join(fixtures, set))
        .flatMap((file) => parseAllDocuments(fs.readFileSync(path.join(fixtures, set, file), "utf8")))
        .map((document) => document.toJS() as unknown);
      const places = objects.flatMap((object, i) => placesIn(object, [i]));
      const tried = places.filter((_place, i) => i % 43 === 0);
      assert.ok(tried.length > 2);
      tried.forEach((place, i) => {
        const changed = structuredClone(objects);
        setAt(changed, place, odd[i % odd.length]);
        const result = importStack([
          { name: "a.yaml", text: changed.map((each) => stringify(each)).join("---\n") },
        ]);
        assert.ok("problems" in result ? result.problems.length > 0 : result.text !== "", place.join("."));
      });
    });
  }
});

type Place = readonly (string | number)[];

function placesIn(value: unknown, place: Place): readonly Place[] {
  if (typeof value !== "object" || value === null) return [place];
  const inside = Object.entries(value).flatMap(([key, inner]) =>
    placesIn(inner, [...place, Array.isArray(value) ? Number(key) : key]),
  );
  return [place, ...inside];
}

function setAt(value: unknown, place: Place, other: unknown): void {
  const holder: unknown = field(value, ...place.slice(0, -1));
  (holder as Record<string | number, unknown>)[place.at(-1) ?? ""] = other;
}

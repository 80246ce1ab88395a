import assert from "node:assert";
import { misplacedSecrets, separateSecrets } from "../../model/stack/secrets";
import { parseStackFile } from "../../model/stack/source/stack-file";

const text = `config:
  metal:bmc:
    username: metal
    password:
      secure: v1:AAAA
  metal:hosts:
    - name: cp-1
      bmc: { address: redfish://10.0.0.1/x, verifyCertificate: false }
      labels: { example.com/rack.row: a }
    - name: cp-2
  metal:network:
    pods: [10.244.0.1/16]
`;

describe("the places of a stack file", () => {
  const source = parseStackFile({ name: "Pulumi.a.yaml", text });
  /** The text that a place covers, with its line. */
  const at = (path: string, aspect?: "key" | "value"): string => {
    const place = source.place(path, aspect);
    if (place === undefined) return "nowhere";
    const line = source.lines(place.file)[place.line - 1] ?? "";
    return `${place.line}: ${line.slice(place.column - 1, place.column - 1 + place.length)}`;
  };

  for (const [what, path, expected] of [
    ["a text", "hosts[0].name", "7: cp-1"],
    ["a value inside braces", "hosts[0].bmc.verifyCertificate", "8: false"],
    ["an entry of a list", "network.pods[0]", "12: 10.244.0.1/16"],
    ["a key with dots in it", "hosts[0].labels.example.com/rack.row", "9: a"],
    ["the key of a list", "hosts", "6: metal:hosts"],
    ["an entry that is a map", "hosts[1]", "10: name: cp-2"],
    ["the parent of a missing key", "hosts[0].bmc.username", "8: bmc"],
    ["the parent of what a missing key would hold", "network.addressPool.start", "11: metal:network"],
    ["config: for a missing first key", "image.url", "1: config"],
  ] as const) {
    it(`knows ${what}: ${path}`, () => {
      assert.strictEqual(at(path), expected);
    });
  }

  it("points at a key itself when asked to", () => {
    assert.strictEqual(at("hosts[0].bmc.verifyCertificate", "key"), "8: verifyCertificate");
  });

  it("replaces encrypted values, so that the stack looks as in the program", () => {
    assert.deepStrictEqual([...source.encrypted], [["bmc.password", "v1:AAAA"]]);
    const { raw } = separateSecrets(source.raw);
    assert.deepStrictEqual((raw as { bmc: unknown }).bmc, { username: "metal", password: "bmc.password" });
  });

  it("takes true and false in quotes, as pulumi config set writes them, but no other text for a value", () => {
    const written = parseStackFile({
      name: "Pulumi.a.yaml",
      text: 'config:\n  metal:protect: "false"\n  metal:x: "3"\n',
    });
    assert.deepStrictEqual(written.raw, { protect: false, x: "3" });
  });

  it("takes defaults from Pulumi.yaml, and knows that they stand there", () => {
    const project = {
      name: "Pulumi.yaml",
      text: "config:\n  metal:cilium:\n    value: { version: 1.19.5 }\n  metal:image: { description: the image }\n  metal:bmc: {}\n",
    };
    const both = parseStackFile({ name: "Pulumi.a.yaml", text }, project);
    assert.ok(!("image" in both.raw));
    assert.deepStrictEqual(both.raw["cilium"], { version: "1.19.5" });
    assert.strictEqual(both.place("cilium")?.file, "Pulumi.yaml");
    assert.strictEqual(both.place("bmc")?.file, "Pulumi.a.yaml");
  });
});

describe("encrypted values of a stack file", () => {
  const found = (config: string) => {
    const source = parseStackFile({ name: "Pulumi.a.yaml", text: `config:\n${config}` });
    return misplacedSecrets(source).map(({ id, at, problem }) => `${id} ${at}: ${problem}`);
  };
  const plain = "an encrypted value is where no secret belongs; it would be decrypted into a plain field";

  it("may be secrets of the schema and Helm values", () => {
    const text = `  metal:bmc: { password: { secure: v1:A } }
  metal:hosts: [{ bmc: { password: { secure: v1:B } } }]
  metal:bgp: { instances: [{ peers: [{ password: { secure: v1:C } }] }] }
  metal:cilium: { values: { tls: { ca: { cert: x, key: { secure: v1:D } } }, a: { secure: v1:E } } }
`;
    assert.deepStrictEqual(found(text), []);
  });

  for (const [at, config] of [
    ["hosts[0].description", "metal:hosts: [{ description: { secure: v1:A } }]"],
    ["machines.preKubeadmCommands[0]", "metal:machines: { preKubeadmCommands: [{ secure: v1:A }] }"],
    ["machines.files[0].content", "metal:machines: { files: [{ content: { secure: v1:A } }] }"],
    ["bmc.username", "metal:bmc: { username: { secure: v1:A } }"],
    ["bmc", "metal:bmc: { secure: v1:A }"],
    ["cilium.values", "metal:cilium: { values: { secure: v1:A } }"],
    ["cilium.version", "metal:cilium: { version: { secure: v1:A } }"],
    [
      "workers[0].labels.cilium.values.x",
      "metal:workers: [{ labels: { cilium.values.x: { secure: v1:A } } }]",
    ],
  ] as const) {
    it(`are refused elsewhere: ${at}`, () => {
      assert.deepStrictEqual(found(`  ${config}\n`), [`secrets/only-secrets ${at}: ${plain}`]);
    });
  }

  it("are refused as copies of each other, an alias included, with both places", () => {
    const of = (text: string) => found(text).filter((each) => each.startsWith("secrets/encrypted-once"));
    const copy =
      "secrets/encrypted-once hosts[0].bmc.password: the encrypted value is a copy of the one at bmc.password";
    const bmc = (secret: string) => `  metal:bmc: { password: ${secret} }\n`;
    const host = (secret: string) => `  metal:hosts: [{ bmc: { password: ${secret} } }]\n`;
    assert.deepStrictEqual(of(bmc("{ secure: v1:A }") + host("{ secure: v1:A }")), [copy]);
    assert.deepStrictEqual(of(bmc("&it { secure: v1:A }") + host("*it")), [copy]);
    assert.deepStrictEqual(of(bmc("{ secure: v1:A }") + host("{ secure: v1:B }")), []);
    assert.deepStrictEqual(
      of(bmc("{ secure: v1:A }") + "  metal:cilium: { values: { x: { secure: v1:A } } }\n"),
      ["secrets/encrypted-once cilium.values.x: the encrypted value is a copy of the one at bmc.password"],
    );
  });

  it("are all compared where keys with dots give two places one path", () => {
    const of = (first: string) =>
      parseStackFile({
        name: "Pulumi.a.yaml",
        text: `config:\n  metal:cilium: { values: { a.b: { secure: ${first} }, a: { b: { secure: v1:B } } } }\n`,
      }).encrypted.get("cilium.values.a.b");
    assert.notStrictEqual(of("v1:A"), of("v1:C"));
  });
});

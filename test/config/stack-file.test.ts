import assert from "node:assert";
import { separateSecrets } from "../../model/stack/secrets";
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
    assert.deepStrictEqual(source.encrypted, ["bmc.password"]);
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

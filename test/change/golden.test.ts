import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { exampleText, metal } from "../ops/command-line";
import { type StackData, addWorker, example, pullRequest, recordedCilium } from "./pull-requests";

const folder = path.join(__dirname, "../golden/pr");

const cilium = (config: StackData, change: object) => {
  config["cilium"] = { ...config["cilium"], ...change };
};

/** A pull request of each kind: what the base says, and what the pull request makes of it. */
const kinds: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "cilium-minor-upgrade": [
    example((config) => cilium(config, { version: "1.18.4" })),
    example((config) => cilium(config, { installedVersion: "1.18.4" })),
  ],
  "cilium-upgrade-refused": [example((config) => cilium(config, { version: "1.18.4" })), example()],
  "secret-written-again": [
    example(),
    example((config) => (config["bmc"] = { ...config["bmc"], password: { secure: "v1:another:PLANTED" } })),
  ],
  "one-value-changed": [
    example(),
    example((config) => cilium(config, { values: { bpf: { lbMapMax: 131072 } } })),
  ],
  "worker-added": [example(), example(addWorker)],
  "image-changed": [example(), example().replaceAll("v1.36.3", "v1.36.4")],
  "asn-changed": [example(), example().replace("asn: 65001", "asn: 65002")],
  "comment-only": [exampleText, `# the lab's cluster\n${exampleText}`],
};

describe("the comment on a pull request", function () {
  this.timeout(60_000); // git, and a render of each side
  it("has a golden file for each kind, and none for any other", () => {
    const expected = Object.keys(kinds).map((kind) => `${kind}.md`);
    assert.deepStrictEqual(fs.readdirSync(folder).sort(), expected.sort());
  });

  for (const [kind, [before, after]] of Object.entries(kinds)) {
    it(`is as test/golden/pr/${kind}.md shows`, async () => {
      assert.notStrictEqual(before, after, "the pull request changes nothing");
      const file = "Pulumi.capi-1.yaml";
      const directory = pullRequest({ [file]: before }, { [file]: after });
      const { code, out, err } = await metal(directory, ["diff", "--format", "markdown"], recordedCilium);
      assert.deepStrictEqual([code, err], [0, ""]);
      compare(`${kind}.md`, out.replace(/\b[0-9a-f]{9}\b/, "0123abcde"));
    });
  }
});

function compare(name: string, actual: string): void {
  const file = path.join(folder, name);
  if (process.env["METAL_WRITE_GOLDEN"] === "1") {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(file, actual);
  } else {
    assert.strictEqual(actual, fs.readFileSync(file, "utf8"), "run `npm run golden` and review the diff");
  }
}

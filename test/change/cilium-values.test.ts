import assert from "node:assert/strict";
import { type RawStack, stackWith } from "../model/stacks";
import { between, side } from "./sides";

const plain = stackWith();
const values = (wanted: object) =>
  stackWith((raw: RawStack) => (raw["cilium"] = { ...(raw["cilium"] as object), values: wanted }));
const edited = (pattern: string, text: string) =>
  between(side(plain), side(values({ anything: true }), { edit: (whole) => whole.replace(pattern, text) }));

describe("a template in a Helm value", () => {
  const late = "{{ if gt (now | unixEpoch | int64) 1999999999 }}evil{{ end }}";
  const lines = (word: string) => Array.from({ length: 600 }, (_, i) => `# ${word} ${i}`).join("\n");
  const annotated = (podAnnotations: unknown) => side(values({ podAnnotations }));
  const rights = (before: unknown, after: unknown) => {
    const { level, cilium } = between(annotated(before), annotated(after));
    return { level, privileges: cilium?.privileges };
  };
  const cases: Readonly<Record<string, readonly [before: unknown, after: unknown, what: RegExp]>> = {
    "as a value": [{ a: "1" }, { a: late }, /podAnnotations\.a is a template/],
    "as a key": [{ calm: "b" }, { [late]: "b" }, /podAnnotations has a key that is a template/],
    "as a key that was there, with another value": [{ [late]: "b" }, { [late]: "c" }, /has a key/],
    "below a key that sounds like a secret": [{ token: "calm" }, { token: late }, /podAnnotations\.token is/],
    "where a secret was one before": [{ token: late }, { token: `${late} ` }, /podAnnotations\.token is/],
    "in a text of many lines that change": [
      { a: `x\n${lines("a")}` },
      { a: `${late}\n${lines("b")}` },
      /\.a is/,
    ],
    "in a list": [{ a: ["x"] }, { a: ["x", { b: late }] }, /\.a\.1\.b is a template/],
    "in a map in the place of a text": [{ a: "x" }, { a: { b: late } }, /\.a\.b is a template/],
    "under the name of a property of every object": [{ a: "x" }, { a: "x", toString: late }, /toString is/],
  };
  for (const [name, [before, after, what]] of Object.entries(cases)) {
    it(`is of high risk ${name}, though both sides render the same`, () => {
      const found = rights(before, after);
      assert.equal(found.level, "high");
      assert.match(found.privileges?.join("\n") ?? "", what);
      assert.ok(!JSON.stringify(found.privileges).includes("evil"));
    });
  }

  it("is none where it was at the same place before", () => {
    const kept = { a: late, [late]: [late], token: late };
    assert.equal(rights(kept, { ...kept, b: "plain" }).privileges, undefined);
  });
});

describe("files that the agents write", () => {
  const log = (file: string) =>
    edited('cni-log-file: "/var/run/cilium/cilium-cni.log"', `cni-log-file: ${JSON.stringify(file)}`);
  const flowLog = (file: string) => `---
apiVersion: v1
kind: ConfigMap
metadata: { name: cilium-flowlog-config, namespace: kube-system }
data:
  flowlogs.yaml: |
    flowLogs: [{ name: a, filePath: "${file}" }]
`;
  const exported = (before: string, after: string) =>
    between(
      side(plain, { edit: (text) => `${text}\n${flowLog(before)}` }),
      side(values({ anything: true }), { edit: (text) => `${text}\n${flowLog(after)}` }),
    );
  const row = ({ effects }: ReturnType<typeof between>) =>
    effects
      .filter(({ what }) => what.text().startsWith("files that the agents write"))
      .map(({ level, what }) => `${level} ${what.text()}`);

  it("are of high risk outside of the folders of Cilium, of logs and of what is temporary", () => {
    for (const file of [
      "/etc/cron.d/x",
      "/host/etc/cni/net.d/00-a.conflist",
      "/var/log/../../etc/cron.d/x",
    ]) {
      assert.deepEqual(row(log(file)), [`high files that the agents write: ${file}`]);
      assert.deepEqual(row(exported("/var/log/a", file)), [`high files that the agents write: ${file}`]);
    }
    const fresh = edited("cni-log-file:", "hubble-export-file-path: /etc/a\n  cni-log-file:");
    assert.deepEqual(row(fresh), ["high files that the agents write: /etc/a"]);
  });

  it("are of medium risk inside, and no row where they stay", () => {
    assert.deepEqual(row(log("/var/log/cni.log")), ["medium files that the agents write: /var/log/cni.log"]);
    assert.deepEqual(row(exported("/etc/a", "/tmp/a")), ["medium files that the agents write: /tmp/a"]);
    assert.deepEqual(row(exported("/etc/a", "/etc/a")), []);
    assert.deepEqual(row(edited("monitor-aggregation: medium", "monitor-aggregation: none")), []);
  });
});

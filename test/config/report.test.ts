import assert from "node:assert";
import { parseStackFile } from "../../model/stack/source/stack-file";
import type { Finding } from "../../model/findings/finding";
import { githubReport, jsonReport, prettyReport, shortReport } from "../../model/findings/formats";
import type { Report } from "../../model/findings/report";

const text = `config:
  metal:hosts:
    - { name: cp-1, mac: 02:00:00:00:00:01, bmc: { password: hunter22hunter22, username: metal }, address: 192.0.2.11 }
    - name: cp-2
      mac: 02:00:00:00:00:01
  metal:image:
    url: https://user:hunter33@images.example.com/k8s.qcow2
`;
const macTwice: Finding = {
  id: "hosts/mac-unique",
  severity: "error",
  at: "hosts[1].mac",
  problem: '"02:00:00:00:00:01" is used twice',
  fix: "correct one of the two",
  related: [{ at: "hosts[0].mac", note: "first used by cp-1" }],
};
const address: Finding = {
  id: "net/far",
  severity: "warning",
  at: "hosts[0].address",
  problem: "far away",
  fix: "move it",
};
const nowhere: Finding = {
  id: "management/reachable",
  severity: "error",
  at: "",
  problem: "no answer",
  fix: "ask again",
};
const image: Finding = {
  id: "image/url",
  severity: "error",
  at: "image.url",
  problem: '"https://user:hunter33@images.example.com/k8s.qcow2" is bad',
  fix: "write another",
};
const source = parseStackFile({ name: "Pulumi.a.yaml", text });
const report: Report = {
  subject: "a",
  source,
  checksRun: 80,
  findings: [nowhere, macTwice, address, image],
  why: (id) => (id === "hosts/mac-unique" ? "servers are told apart by it" : undefined),
  accepted: [{ finding: { ...address, id: "net/near" }, reason: "built so", until: "2027-03-31" }],
};

describe("a report", () => {
  it("shows people each place with what plays a part, in the order of the file, and no secret", () => {
    assert.strictEqual(
      prettyReport(report),
      `warning[net/far]: far away
  --> Pulumi.a.yaml:3:108 hosts[0].address
3 |     - { name: cp-1, mac: 02:00:00:00:00:01, bmc: { password: [secret], username: metal }, address: 192.0.2.11 }
  |                                                                                                    ^^^^^^^^^^
   = fix: move it

error[hosts/mac-unique]: "02:00:00:00:00:01" is used twice
  --> Pulumi.a.yaml:5:12 hosts[1].mac
3 |     - { name: cp-1, mac: 02:00:00:00:00:01, bmc: { password: [secret], username: metal }, address: 192.0.2.11 }
  |                          ----------------- first used by cp-1
...
5 |       mac: 02:00:00:00:00:01
  |            ^^^^^^^^^^^^^^^^^
   = why: servers are told apart by it
   = fix: correct one of the two

error[image/url]: "https://[secret]@images.example.com/k8s.qcow2" is bad
  --> Pulumi.a.yaml:7:10 image.url
7 |     url: https://[secret]@images.example.com/k8s.qcow2
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = fix: write another

error[management/reachable]: no answer
   = fix: ask again

accepted net/near hosts[0].address: built so (until 2027-03-31)
a: 3 errors, 1 warning, 1 accepted in 80 checks. Nothing was changed. Explain: npm run metal -- explain ID`,
    );
  });

  it("is one line for each finding in a log", () => {
    assert.deepStrictEqual(shortReport(report).split("\n").slice(1, 2), [
      'Pulumi.a.yaml:5:12 error hosts/mac-unique hosts[1].mac: "02:00:00:00:00:01" is used twice; fix: correct one of the two',
    ]);
  });

  it("is data for programs", () => {
    const { errors, warnings, checksRun, findings, accepted } = JSON.parse(jsonReport(report)) as Record<
      string,
      never[]
    >;
    assert.deepStrictEqual({ errors, warnings, checksRun }, { errors: 3, warnings: 1, checksRun: 80 });
    assert.deepStrictEqual(findings?.[1], {
      id: "hosts/mac-unique",
      severity: "error",
      at: "hosts[1].mac",
      problem: '"02:00:00:00:00:01" is used twice',
      why: "servers are told apart by it",
      fix: "correct one of the two",
      file: "Pulumi.a.yaml",
      line: 5,
      column: 12,
      length: 17,
      related: [
        {
          at: "hosts[0].mac",
          note: "first used by cp-1",
          place: { file: "Pulumi.a.yaml", line: 3, column: 26, length: 17 },
        },
      ],
    });
    assert.deepStrictEqual(accepted, [
      {
        id: "net/near",
        at: "hosts[0].address",
        problem: "far away",
        reason: "built so",
        until: "2027-03-31",
      },
    ]);
  });

  it("is at most nine annotations for GitHub, errors first, and says how many more there are", () => {
    const warning = { ...address, problem: "50% off,\nreally: yes" };
    const lines = githubReport({
      ...report,
      findings: [...Array<Finding>(12).fill(warning), macTwice],
    }).split("\n");
    assert.strictEqual(
      lines[0],
      '::error file=Pulumi.a.yaml,line=5,col=12,endColumn=29,title=hosts/mac-unique hosts[1].mac::"02:00:00:00:00:01" is used twice%0Afix: correct one of the two',
    );
    assert.strictEqual(
      lines[1],
      "::warning file=Pulumi.a.yaml,line=3,col=108,endColumn=118,title=net/far hosts[0].address::50%25 off, ⏎ really: yes%0Afix: move it",
    );
    assert.strictEqual(lines.filter((line) => line.startsWith("::")).length, 10);
    assert.strictEqual(lines[9], "::warning title=4 more::4 more findings: npm run metal -- check");
  });

  it("shows no secret in any format", () => {
    for (const format of [prettyReport, shortReport, jsonReport, githubReport])
      assert.ok(!/hunter/.test(format(report)));
  });

  it("shows no line of a file that its path calls secret, and no value of an entry that its name does", () => {
    const lines = [
      "config:",
      "  metal:machines:",
      "    files:",
      "      - path: /etc/token",
      "        content: |",
      "          hunter22",
      "          hunter33",
      "      - { content: hunter44, path: /etc/a.key }",
      "      - { content: shown, path: /etc/hosts }",
      "  metal:cilium: { values: { extraEnv: [{ Value: hunter55, key: DB_PASSWORD }] } }",
    ];
    const held = parseStackFile({ name: "a", text: lines.join("\n") });
    const places = held.hidden.map(({ line, column, length }) =>
      (lines[line - 1] ?? "").slice(column - 1, column - 1 + length).trim(),
    );
    assert.deepStrictEqual(
      ["hunter22", "hunter33", "hunter44", "hunter55", "shown"].map((value) =>
        places.some((place) => place.includes(value)),
      ),
      [true, true, true, true, false],
    );
  });

  it("cuts a line that nobody could read, around the place", () => {
    const wide = parseStackFile({
      name: "w",
      text: `config: { metal:${"x".repeat(150)}: 1,  metal:name: bad }`,
    });
    const out = prettyReport({ subject: "w", source: wide, findings: [{ ...nowhere, at: "name" }] }).split(
      "\n",
    );
    assert.match(out[2] ?? "", /^1 \| \.\.\.x+: 1, {2}metal:name: bad }$/);
    assert.strictEqual(out[2]?.indexOf("bad"), out[3]?.indexOf("^^^"));
  });
});

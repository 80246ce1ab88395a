import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { commands } from "../../ops/commands/run";
import { pullRequest } from "../change/pull-requests";
import { printed } from "../redaction/printed";
import { healthyWorld } from "../verify/healthy";
import { FakeClusters } from "../wait/fake-clusters";
import { clusterProject, kubeconfigSecret } from "./cluster-project";
import { exampleText, metal, projectWith } from "./command-line";
import { renderFile } from "./running-project";
import { commandOnPath } from "./stub-command";

/** A command line of every command that reads a kubeconfig. */
const reading: Readonly<Record<string, readonly string[]>> = {
  preflight: ["preflight"],
  status: ["status"],
  diagnose: ["diagnose", "--bundle", "out.tar.gz"],
  bgp: ["bgp", "verify"],
  verify: ["verify"],
  recover: ["recover", "machine", "a", "--yes", "--timeout", "0.01"],
  "recover host": ["recover", "host", "capi-1-w-1", "--yes"],
  kubeconfig: ["kubeconfig"],
  gitops: ["gitops", "--tool", "flux"],
  sysdump: ["sysdump"],
  "destroy-plan": ["destroy-plan"],
  detach: ["detach", "--all", "--yes"],
  diff: ["diff", "--live"],
};
const readingNone = [
  "check",
  "fleet",
  "new",
  "import",
  "explain",
  "schema",
  "render",
  "router",
  "rbac",
  "affected",
].concat(["gate", "comment", "scrub"]);

/** Files that kubectl would refuse, each with a token in the place of the mistake, and the line that is named. */
const broken: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
  "a quote that stays open": [
    "users:\n- name: a\n  user:\n    token: 'PLANTED\n",
    /kubeconfig" is not YAML: line \d/,
  ],
  "a key that stands twice": ["a: 1\nPLANTED: 1\nPLANTED: 2\n", /kubeconfig" is not YAML: line 3/],
  "an alias of nothing": ["a: 1\nusers: *PLANTED\n", /kubeconfig" has an alias/],
  "a tab as indentation": ["users:\n\t- token: PLANTED\n", /kubeconfig" is not YAML: line 2/],
  "two documents": ["a: 1\n---\ntoken: PLANTED\n", /kubeconfig" is not YAML: line \d/],
  "a text": ["PLANTED\n", /kubeconfig" holds no mapping/],
  "no context, and a map as a key": ["? {token: PLANTED}\n: 1\n", /context "fake" is not in the kubeconfig/],
};

describe("a kubeconfig that cannot be used", () => {
  const text = exampleText
    .replace("context: management", "context: fake\n    kubeconfig: kubeconfig")
    .replace("config:\n", "config:\n  metal:protect: false\n");
  const rendering = commandOnPath("cilium", `cat >/dev/null; cat ${renderFile}`);
  const warnings: string[] = [];
  const heard = ({ message }: Error) => warnings.push(message);
  before(() => process.on("warning", heard));
  after(() => process.off("warning", heard));

  for (const [name, argv] of Object.entries(reading)) {
    it(`${name}: exit code 2, its file and line, and nothing of what stands there`, async () => {
      const directory =
        name === "diff"
          ? pullRequest({ "Pulumi.capi-1.yaml": text }, {})
          : projectWith({ "Pulumi.capi-1.yaml": text });
      for (const [what, [content, says]] of Object.entries(broken)) {
        fs.writeFileSync(path.join(directory, "kubeconfig"), content);
        // Without a render gitops looks at no cluster.
        const env = name === "gitops" ? rendering : { PATH: "/usr/bin:/bin" };
        const { code, out, err } = await metal(directory, argv, env);
        assert.equal(code, 2, `${what}: ${out}${err}`);
        assert.match(out + err, says, what);
        assert.doesNotMatch(out + err, /PLANTED|\n {4}at /, what);
        assert.ok(!fs.existsSync(path.join(directory, "out.tar.gz")));
      }
      assert.deepEqual(warnings, []);
    }).timeout(60_000);
  }

  it("is tried with every command that reads one", async () => {
    const names: string[] = [];
    await printed((terminal) => names.push(...commands.map((command) => command(terminal).name())));
    assert.deepEqual(
      names.filter((name) => reading[name] === undefined && !readingNone.includes(name)),
      [],
    );
  });
});

describe("a kubeconfig in its Secret that cannot be used", () => {
  const clusters = FakeClusters.forEachTest();
  for (const argv of [...Object.values(reading), ["status", "--watch", "--for", "1"]]) {
    if (argv[0] === "diff") continue;
    it(`is not repeated by ${argv.join(" ")}`, async () => {
      const directory = clusterProject(clusters.management, clusters.workload, healthyWorld());
      for (const content of ["users: 'PLANTED", "a: *PLANTED\n", "? {token: PLANTED}\n: 1\n"]) {
        clusters.management.put(kubeconfigSecret(content));
        const { out, err } = await metal(directory, argv, { PATH: "/usr/bin:/bin" });
        assert.doesNotMatch(out + err, /PLANTED|\n {4}at |defect of metal/);
        fs.rmSync(path.join(directory, "out.tar.gz"), { force: true });
      }
    }).timeout(30_000);
  }
});

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { runScript } from "./run-script";
import { type Step, gitlabJobs, stepsOf, workflows } from "./workflows";

describe("the scripts of the workflows, run", () => {
  const scriptOf = (file: string, wanted: (step: Step) => boolean) => {
    const workflow = workflows().find((each) => each.file === file);
    assert.ok(workflow);
    const { run } = stepsOf(workflow).find(wanted) ?? {};
    assert.ok(run);
    return run;
  };

  const preview = () => scriptOf("preview.yml", ({ id }) => id === "preview");
  const secret = { STACK: "a", METAL_PREVIEW_KUBECONFIG: "PLANTED" };

  it("preview: a stack that exists is previewed, and the kubeconfig is gone afterwards", () => {
    const ran = runScript(
      preview(),
      { pulumi: '[ "$1" != preview ] || { cat "$KUBECONFIG"; exit 3; }' },
      secret,
    );
    assert.equal(ran.output, "code=3\n");
    assert.equal(ran.preview, "PLANTED");
    assert.ok(!fs.existsSync(path.join(ran.directory, "kubeconfig")));
    assert.match(ran.calls.at(-1) ?? "", /^pulumi preview --stack a --diff --non-interactive/);
  });

  it("preview: a stack that nobody has made is previewed from nothing, on a backend of its own", () => {
    const pulumi =
      'case "$2" in select) echo "error: no stack named \'a\' found" >&2; exit 1;; esac; echo "$PULUMI_BACKEND_URL"';
    const ran = runScript(preview(), { pulumi }, { ...secret, PULUMI_BACKEND_URL: "s3://real" });
    assert.equal(ran.output, "code=0\n");
    assert.deepEqual(ran.calls.slice(0, 2), ["pulumi stack select a", "pulumi stack init a"]);
    assert.equal(ran.preview, `file://${ran.temporary}/state\n`);
  });

  it("preview: a backend that does not answer is no new stack", () => {
    const ran = runScript(preview(), { pulumi: 'echo "error: could not connect" >&2; exit 1' }, secret);
    assert.equal(ran.output, "code=1\n");
    assert.deepEqual(ran.calls, ["pulumi stack select a"]);
    assert.match(ran.preview, /could not connect/);
  });

  it("comment: one call per stack that has a result, and the comments of others are removed", () => {
    const setUp =
      'mkdir -p "$RUNNER_TEMP/review/review-a" "$RUNNER_TEMP/review/review-b" && touch "$RUNNER_TEMP/review/review-a/diff.md"\n';
    const script = setUp + scriptOf("preview.yml", ({ run = "" }) => run.includes("--sweep"));
    const matrix = '{"include":[{"stack":"a","reason":"x"},{"stack":"b","reason":"$(touch evil)"}]}';
    const ran = runScript(script, { npm: "" }, { MATRIX: matrix, PULL: "7", RUN_URL: "https://x.example/1" });
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(ran.calls.length, 2);
    assert.match(ran.calls[0] ?? "", /comment --sweep affected\.json --pull 7$/);
    assert.match(ran.calls[1] ?? "", /comment --stack a --pull 7 --body .*review-a\/diff\.md/);
    assert.ok(!fs.existsSync(path.join(ran.directory, "evil")));
  });

  const risk = () => scriptOf("deploy-stack.yml", ({ id }) => id === "risk");
  const gate = (needsApproval: unknown, code: number) =>
    `case "$*" in *json*) echo '{"needsApproval":${JSON.stringify(needsApproval)},"against":"abc+def"}' ;; esac; exit ${code}`;

  it("deploy: an open gate needs no approval, a closed one is approved for what it was compared with", () => {
    const summary = { STACK: "a", GITHUB_STEP_SUMMARY: "/dev/null" };
    const open = runScript(risk(), { npm: gate(false, 0) }, summary);
    assert.deepEqual([open.status, open.output], [0, "approval=false\nagainst=abc+def\n"]);
    const npm = `case "$*" in *" comment "*) exit 0 ;; esac; ${gate(true, 1)}`;
    const closed = runScript(risk(), { npm }, summary);
    assert.deepEqual([closed.status, closed.output], [0, "approval=true\nagainst=abc+def\n"]);
  });

  for (const [what, npm] of [
    ["could not be judged", "exit 2"],
    ["crashed", "echo stack trace; exit 1"],
    ["printed nothing", "exit 0"],
    ["printed no verdict", gate(null, 0)],
  ] as const) {
    it(`deploy: a risk that ${what} fails the job, and nothing is brought up`, () => {
      const ran = runScript(risk(), { npm }, { STACK: "a", GITHUB_STEP_SUMMARY: "/dev/null" });
      assert.notEqual(ran.status, 0);
      assert.equal(ran.output, "");
    });
  }

  it("deploy: the gate before the update hands on the approval, and ends the job while it is closed", () => {
    const script = scriptOf("deploy-stack.yml", ({ name }) => name === "The gate, by what runs now");
    for (const code of [0, 1, 2]) {
      const ran = runScript(script, { npm: gate(code === 1, code) }, { STACK: "a", APPROVED: "abc" });
      assert.equal(ran.status, code);
      assert.match(ran.calls[0] ?? "", /gate --stack a --approved abc --format json$/);
    }
  });

  const up = () => scriptOf("deploy-stack.yml", ({ name }) => name === "pulumi up");
  const scrub = `for file; do :; done; sed -i "s/$METAL_KUBECONFIG_SECRET/[secret]/g" "$file"`;
  const printing =
    'echo "key: $METAL_KUBECONFIG"; echo "::error::injected"; echo copy > "$TMPDIR/kubeconfig"; exit 3';

  it("deploy: what pulumi up prints is shown without secrets and without commands, and its code is the step's", () => {
    const ran = runScript(
      up(),
      { pulumi: printing, npm: scrub },
      { STACK: "a", METAL_KUBECONFIG: "PLANTED" },
    );
    assert.equal(ran.status, 3);
    assert.match(
      ran.stdout,
      /^::stop-commands::([0-9a-f]{32})\nkey: \[secret\]\n::error::injected\n::\1::\n$/,
    );
    for (const file of ["kubeconfig", "pulumi"])
      assert.ok(!fs.existsSync(path.join(ran.directory, file)), file);
  });

  it("deploy: nothing is shown where secrets could not be taken out", () => {
    const ran = runScript(
      up(),
      { pulumi: printing, npm: "exit 2" },
      { STACK: "a", METAL_KUBECONFIG: "PLANTED" },
    );
    assert.deepEqual([ran.status, ran.stdout], [2, ""]);
  });

  it("deploy: a newer commit that changes the stack takes over, and the token is no argument of a program", () => {
    const script = scriptOf("deploy-stack.yml", ({ id }) => id === "newer");
    for (const [stack, newer] of [
      ["a", "true"],
      ["b", "false"],
    ]) {
      const npm = `echo '{"include":[{"stack":"${stack}"}]}'`;
      const ran = runScript(
        script,
        { npm, git: "" },
        { STACK: "a", GITHUB_TOKEN: "PLANTED", GITHUB_REF: "refs/heads/main" },
      );
      assert.equal(ran.output, `newer=${newer}\n`);
      assert.deepEqual(ran.calls[0], "git fetch --quiet origin refs/heads/main");
      assert.match(ran.calls[1] ?? "", /affected --base FETCH_HEAD --exact --json$/);
    }
  });

  it("preview: the same runner for previews and deployments is refused", () => {
    const script = scriptOf("preview.yml", ({ name = "" }) => name.endsWith("have different runners"));
    const run = (DEPLOYS: string, PREVIEWS: string) => runScript(script, {}, { DEPLOYS, PREVIEWS }).status;
    assert.deepEqual([run("x", "x"), run("x", "y"), run("", ""), run("x", "")], [1, 0, 0, 0]);
  });
});

describe("the scripts of the GitLab example, run", () => {
  const judged = (code: number) =>
    `case "$*" in
*affected*) echo '{"include":[{"stack":"a"}]}' ;;
*gate*) echo '{"needsApproval":true,"level":"high","against":"abc"}'; exit ${code} ;;
esac`;
  const push = {
    CI_JOB_IMAGE: "x@sha256:1",
    CI_PIPELINE_SOURCE: "push",
    CI_COMMIT_BEFORE_SHA: "before",
  };
  const pipeline = (programs: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv) => {
    const { script = "" } = gitlabJobs("gitlab-ci.yml")["affected"] ?? {};
    const ran = runScript(script, programs, { ...push, ...env });
    const file = path.join(ran.directory, "stacks.yml");
    return { ...ran, stacks: fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "" };
  };

  it("an open gate starts the update, a closed one an approval before it, for what was compared", () => {
    const open = pipeline({ npm: judged(0), git: "" }, {});
    assert.equal(open.status, 0, open.stderr);
    assert.match(open.stacks, /"up a":\n {2}extends: \.up\n {2}needs: \[\]\n.*APPROVED: "" \}/);
    assert.doesNotMatch(open.stacks, /approve/);
    const closed = pipeline({ npm: judged(1), git: "" }, {});
    assert.match(closed.stacks, /"approve a":\n {2}extends: \.approve\n/);
    assert.match(
      closed.stacks,
      /"up a":\n {2}extends: \.up\n {2}needs: \["approve a"\]\n.*APPROVED: "abc" \}/,
    );
  });

  it("a stack that could not be judged gets an approval that opens nothing", () => {
    const { stacks } = pipeline({ npm: judged(2), git: "" }, {});
    assert.match(stacks, /needs: \["approve a"\]\n.*APPROVED: "" \}/);
  });

  it("looks at every stack where the push's commit before is gone, and judges no merge request", () => {
    const gone = pipeline({ npm: judged(0), git: "exit 1" }, {});
    assert.ok(
      gone.calls.some((call) => call.endsWith("affected --all --json")),
      gone.calls.join("\n"),
    );
    const merge = { CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_DIFF_BASE_SHA: "base" };
    const preview = pipeline({ npm: judged(2), git: "" }, merge);
    assert.match(preview.stacks, /"preview a":\n.*\n.*\n {2}variables: \{ STACK: "a", BASE: "base"/);
    assert.ok(!preview.calls.some((call) => call.includes("gate")));
  });

  it("an image without a digest is refused", () => {
    assert.notEqual(pipeline({ npm: judged(0), git: "" }, { CI_JOB_IMAGE: "x:1" }).status, 0);
  });

  const scrub = `case "$*" in *scrub*) for file; do sed -i "s/$METAL_KUBECONFIG_SECRET/[secret]/g" "$file" 2>/dev/null || true; done ;;`;
  const stackJob = (job: string, programs: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv) => {
    const jobs = gitlabJobs("gitlab-stack.yml");
    const script = `${jobs[".stack"]?.before ?? ""}\n${jobs[job]?.script ?? ""}`;
    return runScript(script, programs, { CI_JOB_IMAGE: "x@sha256:1", STACK: "a", BASE: "b", ...env });
  };
  const shown = 'echo "key: PLANTED"';

  it("preview: what is kept is scrubbed, and where that fails nothing is kept", () => {
    const env = { METAL_PREVIEW_KUBECONFIG: "PLANTED" };
    const clean = stackJob(".preview", { npm: `${scrub} *metal*) ${shown} ;; esac`, pulumi: shown }, env);
    assert.equal(clean.status, 0, clean.stderr);
    assert.match(clean.stdout, /key: \[secret\]/);
    assert.deepEqual(fs.readdirSync(path.join(clean.directory, "review")).sort(), [
      "check.txt",
      "diff.md",
      "preview.txt",
    ]);
    const failed = stackJob(
      ".preview",
      { npm: `case "$*" in *scrub*) exit 2 ;; *metal*) ${shown} ;; esac`, pulumi: shown },
      env,
    );
    assert.notEqual(failed.status, 0);
    assert.ok(!fs.existsSync(path.join(failed.directory, "review")));
    for (const { stdout } of [clean, failed]) assert.ok(!stdout.includes("PLANTED"), stdout);
  });

  it("up: nothing is brought up behind a closed gate, and what is shown is scrubbed", () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
    const kubeconfig = path.join(directory, "kubeconfig");
    fs.writeFileSync(kubeconfig, "PLANTED");
    const npm = (gate: number) =>
      `${scrub} *affected*) echo '{"include":[]}' ;; *gate*) echo '{"level":"high"}'; exit ${gate} ;; esac`;
    const run = (gate: number) =>
      stackJob(
        ".up",
        { npm: npm(gate), git: "", pulumi: `${shown}; exit 3` },
        { METAL_KUBECONFIG: kubeconfig, CI_DEFAULT_BRANCH: "main" },
      );
    const closed = run(1);
    assert.equal(closed.status, 1);
    assert.ok(!closed.calls.some((call) => call.startsWith("pulumi")));
    const open = run(0);
    assert.equal(open.status, 3);
    assert.match(open.stdout, /key: \[secret\]/);
    assert.ok(!open.stdout.includes("PLANTED"));
  });
});

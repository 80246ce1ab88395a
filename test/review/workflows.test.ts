import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { commands } from "../../ops/commands";
import { type Step, gitlabScripts, stepsOf, workflows } from "./workflows";

const examples = path.join(__dirname, "../../docs/examples");
const all = workflows();
const named = (file: string) => {
  const found = all.find((workflow) => workflow.file === file);
  assert.ok(found, file);
  return found;
};
const scripts: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    all.map((workflow) => [workflow.file, stepsOf(workflow).flatMap(({ run }) => run ?? [])]),
  ),
  ...Object.fromEntries(
    fs.readdirSync(examples).map((file) => [file, gitlabScripts(path.join(examples, file))]),
  ),
};

/** The arguments of every `metal` command line in a script, without what the shell makes of variables. */
function metalCalls(script: string): readonly (readonly string[])[] {
  const joined = script.replace(/\\\n\s*/g, " ");
  return [...joined.matchAll(/npm run --silent metal -- ([^\n|;&)>]*)/g)].map(([, rest = ""]) =>
    (rest.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).filter((word) => !/^\d?$/.test(word)),
  );
}

describe("the workflows of a pull request and of a deployment", () => {
  for (const [file, texts] of Object.entries(scripts)) {
    it(`${file}: every metal command and option is one that there is`, () => {
      const known = new Map(
        commands.map((make) => {
          const command = make({ end: () => undefined, out: () => undefined, err: () => undefined } as never);
          return [command.name(), command.options.map(({ long }) => long)];
        }),
      );
      const calls = texts.flatMap(metalCalls);
      assert.ok(calls.length > 0);
      for (const [name = "", ...rest] of calls) {
        assert.ok(known.has(name), `there is no command ${name}`);
        for (const option of rest.filter((word) => word.startsWith("--"))) {
          assert.ok(known.get(name)?.includes(option), `${name} has no option ${option}`);
        }
      }
    });

    it(`${file}: every script is one that bash can read`, () => {
      for (const text of texts) {
        const { status, stderr } = childProcess.spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
        assert.equal(status, 0, stderr);
      }
    });
  }

  for (const workflow of all) {
    const { file, text } = workflow;
    it(`${file}: no expression stands in a script, where somebody's branch name would become a command`, () => {
      for (const { run = "" } of stepsOf(workflow)) assert.ok(!run.includes("${{"), run);
    });

    it(`${file}: every action is pinned by a commit, with its version beside it`, () => {
      const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
      assert.ok(uses.length > 0);
      for (const action of uses) {
        assert.match(action, /^(\.\/\.github\/workflows\/[\w.-]+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+.*)$/);
      }
    });

    it(`${file}: grants nothing at the top, and only the job that comments may write`, () => {
      assert.deepEqual(workflow.permissions, {});
      const writers = Object.entries(workflow.jobs).flatMap(([job, { permissions = {} }]) =>
        Object.entries(permissions).flatMap(([what, level]) => (level === "read" ? [] : [`${job} ${what}`])),
      );
      assert.deepEqual(writers, file === "preview.yml" ? ["comment pull-requests"] : []);
    });

    it(`${file}: does not run on what gives secrets to strangers' pull requests`, () => {
      assert.ok(!/pull_request_target|workflow_run/.test(text));
    });
  }

  it("preview.yml: secrets reach only steps that know to be trusted, and the step that takes them out", () => {
    const steps = stepsOf(named("preview.yml")).filter(({ env = {} }) =>
      JSON.stringify(env).includes("secrets."),
    );
    assert.deepEqual(
      steps.map(({ name, if: condition }) => [name, condition]),
      [
        ["pulumi preview", "needs.affected.outputs.trusted == 'true'"],
        ["No secret leaves this job", "${{ !cancelled() }}"],
      ],
    );
  });

  it("preview.yml: nothing is uploaded or shown before secrets are taken out of it", () => {
    const steps = stepsOf(named("preview.yml")).filter(({ job }) => job === "preview");
    const at = (wanted: (step: Step) => boolean) => steps.findIndex(wanted);
    const scrub = at(({ id }) => id === "scrub");
    assert.ok(scrub > at(({ id }) => id === "preview"));
    for (const wanted of [
      at(({ name }) => name === "Summary"),
      at(({ uses = "" }) => uses.startsWith("actions/upload-artifact")),
    ]) {
      assert.ok(wanted > scrub);
      assert.match(steps[wanted]?.if ?? "", /steps\.scrub\.outcome == 'success'/);
    }
  });

  it("preview.yml: the job that may write runs the target branch's code and has no credentials", () => {
    const comment = named("preview.yml").jobs["comment"];
    assert.ok(comment);
    const text = JSON.stringify(comment);
    assert.match(text, /"ref":"\$\{\{ github\.event\.pull_request\.base\.sha \}\}"/);
    assert.ok(!text.includes("secrets."));
  });

  it("deploy-stack.yml: a high risk waits for a person, and only the update has credentials", () => {
    const { jobs } = named("deploy-stack.yml");
    assert.equal(jobs["approve"]?.environment, "approval");
    assert.equal(jobs["approve"]?.if, "needs.risk.outputs.level == 'high'");
    const holders = Object.entries(jobs).filter(([, job]) => JSON.stringify(job).includes("secrets."));
    assert.deepEqual(
      holders.map(([name]) => name),
      ["up"],
    );
  });
});

describe("the scripts of the workflows, run", () => {
  const scriptOf = (file: string, wanted: (step: Step) => boolean) => {
    const { run } = stepsOf(named(file)).find(wanted) ?? {};
    assert.ok(run);
    return run;
  };

  /** Runs a script as GitHub would, with programs that only note how they are called. */
  function runScript(script: string, programs: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
    const bin = path.join(directory, "bin");
    fs.mkdirSync(bin);
    fs.mkdirSync(path.join(directory, "review"));
    const calls = path.join(directory, "calls");
    fs.writeFileSync(calls, "");
    for (const [name, answer] of Object.entries(programs)) {
      const text = `#!/bin/bash\necho "${name} $*" >> "${calls}"\n${answer}\n`;
      fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 });
    }
    const output = path.join(directory, "output");
    const { status, stderr } = childProcess.spawnSync(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
      {
        cwd: directory,
        encoding: "utf8",
        env: {
          PATH: `${bin}:${process.env["PATH"]}`,
          GITHUB_OUTPUT: output,
          GITHUB_WORKSPACE: directory,
          RUNNER_TEMP: directory,
          KUBECONFIG: path.join(directory, "kubeconfig"),
          ...env,
        },
      },
    );
    const read = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
    return {
      status,
      stderr,
      directory,
      calls: read(calls).trimEnd().split("\n"),
      output: read(output),
      preview: read(path.join(directory, "review/preview.txt")),
    };
  }

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
    assert.equal(ran.preview, `file://${ran.directory}/state\n`);
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

  for (const [what, npm, level] of [
    ["is what the diff says", `echo '{"level":"low"}'`, "low"],
    ["is high when the diff says nothing of it", "echo '{}'", "high"],
    ["is high when the diff cannot tell", "exit 2", "high"],
  ] as const) {
    it(`deploy: the risk ${what}`, () => {
      const script = scriptOf("deploy-stack.yml", ({ id }) => id === "risk");
      const ran = runScript(
        script.slice(0, script.indexOf("npm run --silent metal -- diff", 10)),
        { npm },
        { STACK: "a", BASE: "x" },
      );
      assert.equal(ran.output, `level=${level}\n`);
    });
  }
});

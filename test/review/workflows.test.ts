import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { commands } from "../../ops/commands/run";
import { type Step, gitlabJobs, stepsOf, workflows } from "./workflows";

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
    fs
      .readdirSync(examples)
      .map((file) => [
        file,
        Object.values(gitlabJobs(file)).flatMap(({ before, script }) =>
          [before, script].filter((text) => text !== ""),
        ),
      ]),
  ),
};

/** The arguments of every `metal` command line in a script, without what the shell makes of variables. */
function metalCalls(script: string): readonly (readonly string[])[] {
  const joined = script.replace(/\\\n\s*/g, " ");
  return [...joined.matchAll(/npm run --silent metal -- ([^\n|;&)>]*)/g)].map(([, rest = ""]) =>
    (rest.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).filter((word) => !/^\d?$/.test(word)),
  );
}

describe("the workflows", () => {
  for (const [file, texts] of Object.entries(scripts)) {
    it(`${file}: every metal command and option is one that there is`, () => {
      const known = new Map(
        commands.map((make) => {
          const command = make({ end: () => undefined, out: () => undefined, err: () => undefined } as never);
          return [command.name(), command.options.map(({ long }) => long)];
        }),
      );
      const calls = texts.flatMap(metalCalls);
      assert.equal(calls.length > 0, file !== "ci.yml");
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

  it("deploy-stack.yml: what is not known to be harmless waits for a person", () => {
    const { jobs } = named("deploy-stack.yml");
    assert.equal(jobs["approve"]?.environment, "approval");
    assert.equal(jobs["approve"]?.if, "needs.risk.outputs.approval != 'false'");
    assert.match(
      jobs["up"]?.if ?? "",
      /needs\.risk\.result == 'success' && \(needs\.approve\.result == 'success' \|\| \(needs\.approve\.result == 'skipped' && needs\.risk\.outputs\.approval == 'false'\)\)/,
    );
  });

  it("deploy-stack.yml: only the update has credentials; the result reads the backend and nothing else", () => {
    const secretsOf = (job: string) =>
      [
        ...new Set(
          [...JSON.stringify(named("deploy-stack.yml").jobs[job]).matchAll(/secrets\.(\w+)/g)].map(
            ([, name]) => name,
          ),
        ),
      ].sort();
    assert.deepEqual(secretsOf("risk"), ["PULUMI_ACCESS_TOKEN"]);
    assert.deepEqual(secretsOf("approve"), []);
    assert.deepEqual(secretsOf("up"), [
      "METAL_KUBECONFIG",
      "PULUMI_ACCESS_TOKEN",
      "PULUMI_CONFIG_PASSPHRASE",
    ]);
  });

  it("deploy-stack.yml: the gate is judged again right before the update, with the approval that was given", () => {
    const steps = stepsOf(named("deploy-stack.yml")).filter(({ job }) => job === "up");
    const update = steps.findIndex(({ name }) => name === "pulumi up");
    const gate = steps[update - 1];
    assert.match(gate?.run ?? "", /metal -- gate .*--approved "\$APPROVED"/);
    assert.equal(gate?.if, steps[update]?.if);
    assert.equal(
      gate?.env?.["APPROVED"],
      "${{ needs.approve.result == 'success' && needs.risk.outputs.against || '' }}",
    );
  });

  it("deploy.yml: nothing but main is brought up", () => {
    assert.match(named("deploy.yml").jobs["stack"]?.if ?? "", /github\.ref == 'refs\/heads\/main'/);
  });

  it("every upload waits for the scrub of what it uploads", () => {
    const uploads = all.flatMap((workflow) =>
      stepsOf(workflow).filter(({ uses = "" }) => uses.startsWith("actions/upload-artifact")),
    );
    assert.deepEqual(
      uploads.map((step) => step.if),
      [
        "${{ !cancelled() && steps.events.outcome == 'success' }}",
        "${{ !cancelled() && steps.scrub.outcome == 'success' }}",
      ],
    );
  });

  it("preview.yml: the author of the pull request decides, not who started the run", () => {
    const { text } = named("preview.yml");
    assert.match(text, /trusted: .*pull_request\.user\.login != 'dependabot\[bot\]'/);
    assert.doesNotMatch(text, /github\.(actor|triggering_actor)/);
  });

  it("only the update runs on the runner of the deployments, and every job refuses a used runner first", () => {
    const jobs = all.flatMap((workflow) =>
      Object.entries(workflow.jobs).map(([name, job]) => ({ ...job, name: `${workflow.file} ${name}` })),
    );
    const on = (variable: string) =>
      jobs.filter((job) => job["runs-on"]?.includes(`vars.${variable} `)).map(({ name }) => name);
    assert.deepEqual(on("METAL_RUNNER"), ["deploy-stack.yml up"]);
    assert.deepEqual(on("METAL_PREVIEW_RUNNER"), [
      "deploy-stack.yml risk",
      "deploy.yml drift",
      "preview.yml preview",
    ]);
    for (const { name, steps = [] } of jobs.filter(({ steps = [] }) => steps.length > 1)) {
      assert.match(steps[0]?.uses ?? "", /^actions\/checkout@/, name);
      assert.equal(steps[1]?.run, "tools/runner.sh", name);
    }
  });

  it("the working tree stays clean while a change is judged: new files would count as part of it", () => {
    for (const [file, texts] of Object.entries(scripts).filter(([name]) => !name.startsWith("gitlab"))) {
      for (const script of texts) {
        const targets = [...script.matchAll(/[^>&=]>>? *"?([^\s"&;)]+)/g)].map(([, target = ""]) => target);
        const inTree = targets.filter((target) => !/^(\$|\/dev\/null)/.test(target));
        // the comment job judges nothing
        assert.deepEqual(inTree, script.includes("--sweep") ? ["affected.json"] : [], file);
      }
    }
  });
});

import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { affectedStacks } from "../../model/change/code";
import { isHarmless } from "../../model/stack/project-paths";
import { programFiles } from "../change/program-files";
import { exampleText, metal, projectWith } from "../ops/command-line";

const fleet = ["capi-1", "edge"];
const names = (...changed: string[]) => affectedStacks(changed, fleet).stacks.map(({ stack }) => stack);

describe("which stacks a change affects", () => {
  it("a stack file affects its stack, and a fixture of that name none", () => {
    assert.deepEqual(names("Pulumi.edge.yaml"), ["edge"]);
    assert.deepEqual(names("test/stacks/Pulumi.edge.yaml"), []);
  });

  for (const file of [
    "index.ts",
    "components/wait.ts",
    "model/plan/plan.ts",
    "package.json",
    "package-lock.json",
    "Pulumi.yaml",
    "tsconfig.json",
    "startup/transpiler.cjs",
    "ops/wait/main.ts",
    "policy/pack.ts",
    "charts/cilium/README.md",
    "access/management.md",
    "a-file-that-nobody-has-heard-of",
    ".gitattributes",
    "docs/.gitattributes",
    ".gitmodules",
  ]) {
    it(`${file} affects every stack`, () => assert.deepEqual(names(file), fleet));
  }

  for (const file of [
    "README.md",
    "docs/a.png",
    "test/ops/x.test.ts",
    "lab/rehearse.ts",
    "ops/docs/pages.ts",
    ".github/x.yml",
  ]) {
    it(`${file} affects none`, () => assert.deepEqual(names(file), []));
  }

  it("says why, once per cause", () => {
    const { stacks } = affectedStacks(["Pulumi.edge.yaml", "index.ts", "model/a.ts", "model/b.ts"], fleet);
    assert.deepEqual(stacks, [
      { stack: "capi-1", reason: "index.ts, model/a.ts and 1 more: every stack runs this" },
      { stack: "edge", reason: "Pulumi.edge.yaml; index.ts, model/a.ts and 1 more: every stack runs this" },
    ]);
  });

  it("knows a stack whose file is deleted apart from those that can be previewed", () => {
    const { stacks, removed } = affectedStacks(["Pulumi.gone.yaml"], fleet);
    assert.deepEqual([stacks, removed], [[], ["gone"]]);
  });

  it("takes nothing for harmless that the program or its waiting program consists of", () => {
    const program = Object.keys(programFiles());
    assert.ok(program.length > 100);
    assert.deepEqual(program.filter(isHarmless), []);
  });
});

describe("npm run metal -- affected", () => {
  const git = (directory: string, ...args: string[]) =>
    childProcess.execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd: directory,
      encoding: "utf8",
    });

  /** A repository with two stacks, one commit on main, and a branch that is checked out. */
  function repository(): string {
    const directory = projectWith({ "Pulumi.a.yaml": exampleText, "Pulumi.b.yaml": exampleText });
    git(directory, "init", "-q", "-b", "main");
    git(directory, "add", ".");
    git(directory, "commit", "-qm", "base");
    git(directory, "checkout", "-qb", "change");
    return directory;
  }

  it("counts what is committed, what is not and what is new, and nothing that main got meanwhile", async () => {
    const directory = repository();
    fs.appendFileSync(path.join(directory, "Pulumi.a.yaml"), "# a remark\n");
    git(directory, "commit", "-qam", "a remark");
    git(directory, "checkout", "-q", "main");
    fs.appendFileSync(path.join(directory, "Pulumi.yaml"), "# another's\n");
    git(directory, "commit", "-qam", "another's");
    git(directory, "checkout", "-q", "change");
    fs.writeFileSync(path.join(directory, "Pulumi.c.yaml"), exampleText);
    assert.deepEqual(await metal(directory, ["affected", "--base", "main"]), {
      code: 0,
      out: "a  Pulumi.a.yaml\nc  Pulumi.c.yaml\n",
      err: "",
    });
  });

  it("prints a matrix on one line, also an empty one", async () => {
    const directory = repository();
    assert.equal((await metal(directory, ["affected", "--base", "main", "--json"])).out, '{"include":[]}\n');
    fs.appendFileSync(path.join(directory, "Pulumi.yaml"), "# all\n");
    const { out } = await metal(directory, ["affected", "--base", "main", "--json"]);
    assert.equal(out.split("\n").length, 2);
    const reason = "Pulumi.yaml: every stack runs this";
    assert.deepEqual(JSON.parse(out), {
      include: [
        { stack: "a", reason },
        { stack: "b", reason },
      ],
    });
  });

  it("sees both ends of a renamed stack file", async () => {
    const directory = repository();
    git(directory, "mv", "Pulumi.b.yaml", "Pulumi.z.yaml");
    const { out } = await metal(directory, ["affected", "--base", "main"]);
    assert.equal(
      out,
      "z  Pulumi.z.yaml\nb: its file is deleted; pulumi destroy it first, if it still runs\n",
    );
  });

  it("sees a submodule change that .gitmodules would have ignored", async () => {
    const directory = repository();
    const entry = '[submodule "vendor"]\n\tpath = vendor\n\turl = ./\n\tignore = all\n';
    fs.writeFileSync(path.join(directory, ".gitmodules"), entry);
    fs.mkdirSync(path.join(directory, "vendor"));
    const point = (commit: string) => {
      const id = git(directory, "rev-parse", commit).trim();
      git(directory, "update-index", "--add", "--cacheinfo", `160000,${id},vendor`);
      git(directory, "commit", "-qm", "vendor");
    };
    git(directory, "add", ".gitmodules");
    point("HEAD");
    git(directory, "branch", "-f", "main");
    point("HEAD");
    const { out } = await metal(directory, ["affected", "--base", "main"]);
    assert.match(out, /^a {2}vendor: every stack runs this/);
  });

  it("works in a folder of a larger repository", async () => {
    const directory = repository();
    const folder = path.join(directory, "metal");
    fs.mkdirSync(folder);
    for (const file of ["Pulumi.yaml", "Pulumi.a.yaml"]) git(directory, "mv", file, `metal/${file}`);
    git(directory, "commit", "-qam", "moved");
    fs.appendFileSync(path.join(folder, "Pulumi.a.yaml"), "# a remark\n");
    fs.writeFileSync(path.join(directory, "elsewhere.ts"), "");
    const { out } = await metal(folder, ["affected", "--base", "HEAD"]);
    assert.equal(out, "a  Pulumi.a.yaml\n");
  });

  it("ends with 2 and says what to fetch when the base is not here, or is an option", async () => {
    for (const base of ["nowhere", "--output=evil"]) {
      const { code, out, err } = await metal(repository(), ["affected", `--base=${base}`]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, /there is no commit ".*" here; fetch it first/);
    }
  });

  it("ends with 2 when the history that both share was not fetched", async () => {
    const directory = repository();
    git(directory, "checkout", "-q", "--orphan", "stranger");
    git(directory, "commit", "-qm", "stranger");
    const { code, err } = await metal(directory, ["affected", "--base", "main"]);
    assert.equal(code, 2);
    assert.match(err, /no common commit here; .*fetch-depth: 0/);
  });

  it("refuses a stack's name that a workflow could trip over", async () => {
    const directory = repository();
    fs.writeFileSync(path.join(directory, "Pulumi.$(id).yaml"), exampleText);
    const { code, err } = await metal(directory, ["affected", "--base", "main"]);
    assert.equal(code, 2);
    assert.match(err, /"Pulumi\.\$\(id\)\.yaml" is not a valid stack name/);
  });

  it("ends with 2 without a base", async () => {
    const { code, err } = await metal(repository(), ["affected"]);
    assert.equal(code, 2);
    assert.match(err, /--base REF, such as main, or --all/);
  });

  it("lists every stack when asked to, without git", async () => {
    const directory = projectWith({ "Pulumi.a.yaml": exampleText, "Pulumi.b.yaml": exampleText });
    const { out } = await metal(directory, ["affected", "--all", "--json"]);
    assert.equal(out, '{"include":[{"stack":"a","reason":"--all"},{"stack":"b","reason":"--all"}]}\n');
  });
});

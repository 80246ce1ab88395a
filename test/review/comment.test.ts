import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { markerOf } from "../../model/change/review/comment";
import { GitHubComments, GitHubError, keepComment } from "../../ops/review/github";
import { exampleText, metal, projectWith } from "../ops/command-line";
import { FakeGitHub } from "./fake-github";

const bot = "github-actions[bot]";
const diff = `${markerOf("a")}\n### a: nothing changes\n`;

describe("npm run metal -- comment", () => {
  let github: FakeGitHub;
  let env: NodeJS.ProcessEnv;
  let directory: string;
  beforeEach(async () => {
    github = new FakeGitHub();
    env = {
      GITHUB_API_URL: await github.start(),
      GITHUB_TOKEN: "right",
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: "acme/metal",
    };
    directory = projectWith({
      "Pulumi.a.yaml": exampleText,
      "diff.md": diff,
      "preview.txt": "+ 1 to create",
    });
  });
  afterEach(() => github.stop());

  const comment = (...more: string[]) =>
    metal(directory, ["comment", "--stack", "a", "--pull", "7", "--body", "diff.md", ...more], env);
  const write = (name: string, text: string) => fs.writeFileSync(path.join(directory, name), text);
  const bodies = () => github.comments.map(({ body }) => body);
  const changes = () => github.requests.filter((request) => !request.startsWith("GET "));

  it("writes a comment, with the output of commands folded", async () => {
    const ran = await comment(
      "--fold",
      "pulumi preview=preview.txt",
      "--artifact-url",
      "https://github.example/r/1",
    );
    assert.deepEqual(ran, {
      code: 0,
      out: "created https://github.example/acme/metal/pull/7#issuecomment-1000\n",
      err: "",
    });
    assert.deepEqual(bodies(), [
      `${diff}
<details><summary>pulumi preview</summary>

\`\`\`text
+ 1 to create
\`\`\`

</details>

<sub>Everything as files: [artifact](https://github.example/r/1).</sub>
`,
    ]);
  });

  it("updates its comment, and does nothing when the text is the same", async () => {
    await comment();
    write("diff.md", diff.replace("nothing", "something"));
    assert.match((await comment()).out, /^updated .*-1000\n$/);
    assert.match((await comment()).out, /^unchanged .*-1000\n$/);
    assert.equal(bodies().length, 1);
    assert.match(bodies()[0] ?? "", /something changes/);
    assert.deepEqual(
      changes().map((request) => request.split(" ")[0]),
      ["POST", "PATCH"],
    );
  });

  it("keeps one comment for each stack", async () => {
    write("Pulumi.a-2.yaml", exampleText);
    write("other.md", `${markerOf("a-2")}\n### a-2: all changes\n`);
    await comment();
    await metal(directory, ["comment", "--stack", "a-2", "--pull", "7", "--body", "other.md"], env);
    await comment();
    assert.equal(bodies().length, 2);
  });

  it("finds its comment on a later page, among those of others", async () => {
    github.pageSize = 2;
    for (let i = 0; i < 4; i++) github.add("a-person", `remark ${i}`);
    const own = github.add(bot, `${markerOf("a")}\nold`);
    for (let i = 0; i < 3; i++) github.add("a-person", "later");
    assert.match((await comment()).out, new RegExp(`^updated .*-${own}\n$`));
    assert.equal(github.requests.filter((request) => request.startsWith("GET ")).length, 4);
  });

  it("leaves a person's comment alone that has the marker, or quotes it", async () => {
    github.add("a-person", `${markerOf("a")}\nmine`);
    github.add(bot, `> ${markerOf("a")}\nnot in the first line`);
    assert.match((await comment()).out, /^created /);
    assert.deepEqual(bodies().slice(0, 2), [
      `${markerOf("a")}\nmine`,
      `> ${markerOf("a")}\nnot in the first line`,
    ]);
  });

  it("keeps the oldest of duplicates and removes the others", async () => {
    const ids = ["one", "two", "three"].map((text) => github.add(bot, `${markerOf("a")}\n${text}`));
    const { out } = await comment();
    assert.match(out, new RegExp(`^updated .*-${ids[0]}\n2 duplicates removed\n$`));
    assert.deepEqual(
      github.comments.map(({ id }) => id),
      [ids[0]],
    );
  });

  it("does not fail when a duplicate is gone already", async () => {
    github.add(bot, diff.trimEnd());
    github.add(bot, `${markerOf("a")}\ntwo`);
    github.faults.push({ method: "DELETE", status: 404, message: "Not Found" });
    assert.equal((await comment()).code, 0);
  });

  it("writes another comment when its own was deleted meanwhile", async () => {
    github.add(bot, `${markerOf("a")}\nold`);
    github.faults.push({ method: "PATCH", status: 404, message: "Not Found", afterwards: true });
    assert.equal((await comment()).code, 0);
    assert.equal(bodies().length, 1);
  });

  it("takes secrets out: of the environment, of the stack file, and what looks like one", async () => {
    write("Pulumi.a.yaml", exampleText.replace(/password:\n +secure: \S+/, "password: PLANTED-in-the-file"));
    write("diff.md", `${diff}PLANTED-in-the-file and PLANTED-passphrase\n`);
    write("preview.txt", 'password: "PLANTED-old" => "PLANTED-new"');
    env["PULUMI_CONFIG_PASSPHRASE"] = "PLANTED-passphrase";
    const { code, out, err } = await comment("--fold", "pulumi preview=preview.txt");
    assert.equal(code, 0);
    assert.match(out, /\n4 secrets redacted\n$/);
    assert.ok(!/PLANTED/.test(JSON.stringify([bodies(), out, err])), bodies()[0]);
    assert.match(bodies()[0] ?? "", /\[secret\] and \[secret\][^]*<sub>Secrets taken out: 4\.<\/sub>/);
  });

  it("leaves out what is too long, says what, and where it is", async () => {
    write("preview.txt", "+ resource\n".repeat(6_000));
    const { out } = await comment(
      "--fold",
      "pulumi preview=preview.txt",
      "--artifact-url",
      "https://github.example/r/1",
    );
    assert.match(out, /\nleft out: pulumi preview \(\d+ lines\)\n$/);
    const [body = ""] = bodies();
    assert.match(body, /### a: nothing changes/);
    assert.match(
      body,
      /> - pulumi preview \(\d+ lines\)\n>\n> The whole: \[artifact\]\(https:\/\/github.example\/r\/1\)$/,
    );
  });

  it("folds text that holds fences, tags and colours without coming undone", async () => {
    write("preview.txt", "````\n</details>\n\u001b[31mred\u001b[0m\n");
    await comment("--fold", "<b>=preview.txt");
    assert.match(
      bodies()[0] ?? "",
      /<summary>&lt;b&gt;<\/summary>\n\n`{5}text\n````\n<\/details>\nred\n`{5}\n\n<\/details>\n$/,
    );
  });

  it("prints the comment instead, without a token", async () => {
    const { code, out } = await metal(
      directory,
      ["comment", "--stack", "a", "--body", "diff.md", "--dry-run"],
      {},
    );
    assert.deepEqual([code, out], [0, diff]);
    assert.deepEqual(github.requests, []);
  });

  it("prints what was done as JSON", async () => {
    const { out } = await comment("--json");
    assert.deepEqual(JSON.parse(out), {
      action: "created",
      url: "https://github.example/acme/metal/pull/7#issuecomment-1000",
      duplicates: 0,
      cut: [],
      secretsRemoved: 0,
    });
  });

  it("removes the comments of stacks that are no longer affected, and no others", async () => {
    github.add(bot, `${markerOf("a")}\nstill`);
    github.add(bot, `${markerOf("b")}\nno longer`);
    github.add(bot, "something else of ours");
    github.add("a-person", `${markerOf("b")}\nmine`);
    write("affected.json", '{"include":[{"stack":"a","reason":"Pulumi.a.yaml"}]}\n');
    const { code, out } = await metal(directory, ["comment", "--sweep", "affected.json", "--pull", "7"], env);
    assert.deepEqual([code, out], [0, "removed 1 outdated comments\n"]);
    assert.deepEqual(
      github.comments.map(({ body }) => body.split("\n").at(-1)),
      ["still", "something else of ours", "mine"],
    );
  });

  it("asks whose token it is outside a workflow, and says when that does not fit", async () => {
    delete env["GITHUB_ACTIONS"];
    const refused = await comment();
    assert.equal(refused.code, 2);
    assert.match(refused.err, /may not read its own login; write --author/);
    github.tellsLogin = true;
    github.login = "a-machine";
    assert.equal((await comment()).code, 0);
    assert.match((await comment()).out, /^unchanged /);
    const { err } = await comment("--author", "another");
    assert.match(err, /belongs to a-machine, not another; write --author 'a-machine'/);
  });

  const refusals: Readonly<Record<string, readonly [change: () => string[], says: RegExp]>> = {
    "no token": [() => ((env["GITHUB_TOKEN"] = ""), []), /no token; set GITHUB_TOKEN/],
    "a wrong token": [() => ((env["GITHUB_TOKEN"] = "wrong"), []), /401 Bad credentials; the token is wrong/],
    "a token that may only read": [
      () => (github.faults.push({ method: "POST", status: 403, message: "Resource not accessible" }), []),
      /403 Resource not accessible; the token needs "pull-requests: write"/,
    ],
    "another repository": [() => ["--repo", "acme/other"], /there is no pull request 7 in acme\/other/],
    "a repository that is none": [() => ["--repo", "../x"], /write owner and name/],
    "a body about another stack": [
      () => (write("diff.md", `${markerOf("b")}\n`), []),
      /diff\.md is about the stack "b"; write --stack b/,
    ],
    "a file that is not there": [() => ["--fold", "x=none.txt"], /none\.txt cannot be read: ENOENT/],
    "a fold without a file": [() => ["--fold", "x"], /write a title and a file/],
    "an artifact that is no address": [() => ["--artifact-url", "javascript:x"], /write an address such as/],
    "a next page elsewhere": [
      () => {
        github.pageSize = 1;
        github.otherServer = "http://127.0.0.1:1";
        github.add("a", "b");
        github.add("a", "b");
        return [];
      },
      /next page of comments is on another server/,
    ],
  };
  for (const [what, [change, says]] of Object.entries(refusals)) {
    it(`ends with 2 for ${what}, and never shows the token`, async () => {
      const { code, out, err } = await comment(...change());
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, says);
      assert.ok(!/Bearer|right\b/.test(err));
    });
  }

  it("ends with 2 for a pull request that is no number", async () => {
    const { code, err } = await metal(
      directory,
      ["comment", "--stack", "a", "--body", "diff.md", "--pull", "7;id"],
      env,
    );
    assert.equal(code, 2);
    assert.match(err, /write the pull request's number/);
  });
});

describe("comments while GitHub is busy or broken", () => {
  let github: FakeGitHub;
  let waited: number[];
  let comments: GitHubComments;
  beforeEach(async () => {
    github = new FakeGitHub();
    waited = [];
    comments = new GitHubComments({
      api: await github.start(),
      token: "right",
      repository: "acme/metal",
      wait: (ms) => (waited.push(ms / 1000), Promise.resolve()),
      now: () => new Date(1_000_000),
    });
  });
  afterEach(() => github.stop());
  const keep = () => keepComment(comments, 7, { stack: "a", text: diff, author: bot });

  it("tries again after an error of the server, each time later", async () => {
    github.faults.push({ method: "GET", status: 502 }, { method: "GET", status: 503 });
    assert.equal((await keep()).action, "created");
    assert.deepEqual(waited, [1, 2]);
  });

  it("gives up in the end and says what was answered", async () => {
    for (let i = 0; i < 99; i++) github.faults.push({ method: "GET", status: 500, message: "broken" });
    await assert.rejects(comments.of(7), /GET \/repos\/acme\/metal\/issues\/7\/comments: 500 broken/);
    assert.deepEqual(waited, [1, 2, 4, 8, 16]);
  });

  it("tries again when the connection is cut", async () => {
    github.faults.push({ method: "GET", status: 0, hangUp: true });
    assert.equal((await keep()).action, "created");
  });

  for (const [what, fault] of Object.entries({
    "an error": { method: "POST", status: 502, afterwards: true },
    "no answer": { method: "POST", status: 0, hangUp: true, afterwards: true },
  } as const)) {
    it(`looks for its comment before it writes it again when there was ${what} although it was written`, async () => {
      github.faults.push(fault);
      assert.equal((await keep()).action, "unchanged");
      assert.equal(github.comments.length, 1);
    });
  }

  it("writes once more when it was not written", async () => {
    github.faults.push({ method: "POST", status: 502 });
    assert.equal((await keep()).action, "created");
    assert.equal(github.comments.length, 1);
  });

  it("waits as long as it is told to", async () => {
    github.faults.push(
      { method: "POST", status: 429, headers: { "retry-after": "17" } },
      { method: "POST", status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1030" } },
      { method: "POST", status: 403, message: "You have exceeded a secondary rate limit" },
    );
    assert.equal((await keep()).action, "created");
    assert.deepEqual(waited, [17, 31, 60]);
  });

  it("does not sleep through a limit that ends in an hour", async () => {
    github.faults.push({
      method: "POST",
      status: 403,
      message: "API rate limit exceeded",
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "4600" },
    });
    await assert.rejects(keep(), /rate limit exceeded; requests are accepted again at 1970-01-01T01:16:41/);
    assert.deepEqual(waited, []);
  });

  it("does not try again what was refused", async () => {
    github.faults.push({ method: "POST", status: 403, message: "Resource not accessible by integration" });
    await assert.rejects(keep(), (error: Error) => error instanceof GitHubError && error.status === 403);
    assert.deepEqual(waited, []);
  });
});

import { Deployments, edits } from "./deployments";

/** A stack whose first commit was brought up. */
export function deployed(): Deployments {
  const deployments = new Deployments();
  deployments.up();
  return deployments;
}

/** What happened to a stack, and the gate of the commit that is checked out then. */
export interface History {
  readonly history: string;
  readonly make: () => Deployments;
  readonly level: string;
  readonly reason?: RegExp;
}

const of =
  (change: (deployments: Deployments) => void, from = deployed) =>
  () => {
    const deployments = from();
    change(deployments);
    return deployments;
  };

/** Histories of deployments, with the gate of each. */
export const histories: readonly History[] = [
  {
    history: "first deployment",
    make: () => new Deployments(),
    level: "high",
    reason: /this is the first deployment/,
  },
  { history: "merge of a low risk", make: of((d) => d.merge(edits.low)), level: "low" },
  { history: "merge of a high risk", make: of((d) => d.merge(edits.high)), level: "high" },
  {
    history: "two merges, the first waits for its approval",
    make: of((d) => (d.merge(edits.high), d.merge(edits.low))),
    level: "high",
  },
  {
    history: "two merges in one push",
    make: of((d) => (d.merge(edits.low), d.merge(edits.high))),
    level: "high",
  },
  {
    history: "two merges, the first is approved and brought up",
    make: of((d) => (d.merge(edits.high), d.up(), d.merge(edits.low))),
    level: "low",
  },
  {
    history: "rejected, then another merge",
    make: of((d) => (d.merge(edits.high), d.merge(edits.low), d.merge(edits.low2))),
    level: "high",
  },
  {
    history: "rejected, then another stack's merge and a manual dispatch",
    make: of((d) => (d.merge(edits.high), d.merge(() => "# notes\n", "docs/notes.md"))),
    level: "high",
  },
  {
    history: "rejected, then reverted",
    make: of((d) => (d.merge(edits.high), d.git("revert", "--no-edit", "HEAD"))),
    level: "none",
  },
  { history: "re-run after a success", make: of((d) => (d.merge(edits.high), d.up())), level: "none" },
  {
    history: "re-run after a failure of a low risk",
    make: of((d) => (d.merge(edits.low), d.up("failed"))),
    level: "low",
  },
  {
    history: "re-run after a failure of a high risk",
    make: of((d) => (d.merge(edits.high), d.up("failed"))),
    level: "high",
  },
  {
    history: "revert of a high risk that was brought up",
    make: of((d) => (d.merge(edits.high), d.up(), d.git("revert", "--no-edit", "HEAD"))),
    level: "high",
  },
  {
    history: "revert of a high risk whose update failed half way",
    make: of((d) => (d.merge(edits.high), d.up("failed"), d.git("revert", "--no-edit", "HEAD"))),
    level: "high",
  },
  { history: "manual dispatch where main runs", make: of(() => undefined), level: "none" },
  {
    history: "manual dispatch of an older commit",
    make: of((d) => (d.merge(edits.high), d.up(), d.git("checkout", "-q", "HEAD^"))),
    level: "high",
  },
  {
    history: "force push that drops what runs",
    make: of((d) => {
      d.merge(edits.high);
      d.up();
      d.git("reset", "-q", "--hard", "HEAD^");
      d.merge(edits.low);
    }),
    level: "high",
  },
  {
    history: "force push that drops a low risk which runs",
    make: of((d) => {
      d.merge(edits.low);
      d.up();
      d.git("reset", "-q", "--hard", "HEAD^");
    }),
    level: "low",
  },
  {
    history: "force push after which the clone lacks what runs",
    make: of((d) => d.up("succeeded", { "git.head": "0123456789".repeat(4) })),
    level: "high",
    reason: /commit "?012345678"? may run and cannot be compared: there is no commit/,
  },
  {
    history: "a lock file between what runs and what comes",
    make: of((d) => (d.merge(() => "{}", "package-lock.json"), d.merge(edits.low))),
    level: "high",
  },
  {
    history: "a link in place of the stack file",
    make: of((d) => d.link()),
    level: "high",
    reason: /Pulumi\.capi-1\.yaml is a link, which cannot be compared/,
  },
  {
    history: "what runs had a link in place of the stack file, and what it led to changes",
    make: of((d) => (d.link(), d.up(), d.merge(edits.high, "docs/capi-1.yaml"), d.link(false))),
    level: "high",
    reason: /is a link or a submodule, which cannot be compared/,
  },
  {
    history: "a link among the code, and what it leads to changes later",
    make: of(
      (d) => (
        d.merge(() => "export {};\n", "docs/wait.ts"),
        d.symlink("../docs/wait.ts", "components/wait.ts"),
        d.up(),
        d.merge(() => "process.exit();\n", "docs/wait.ts")
      ),
    ),
    level: "high",
  },
  {
    history: "a link to documentation among the documentation",
    make: of(
      (d) => (
        d.merge(() => "a\n", "docs/a.md"),
        d.symlink("a.md", "docs/b.md"),
        d.up(),
        d.merge(() => "b\n", "docs/a.md")
      ),
    ),
    level: "none",
  },
  {
    history: "a submodule that .gitmodules keeps out of comparisons",
    make: of((d) => (d.submodule("vendor/wait"), d.up())),
    level: "high",
  },
  {
    history: "attributes that keep the stack file out of archives",
    make: of(
      (d) => (
        d.merge(() => "Pulumi.capi-1.yaml export-ignore\n", ".gitattributes"),
        d.up(),
        d.merge(edits.low)
      ),
    ),
    level: "low",
  },
  {
    history: "what runs is no valid stack",
    make: of(
      (d) => (
        d.merge((text) => text.replace("replicas: 3", "replicas: x")),
        d.up(),
        d.merge((text) => text.replace("replicas: x", "replicas: 3"))
      ),
    ),
    level: "high",
    reason: /the change is unknown/,
  },
  {
    history: "what comes is no valid stack",
    make: of((d) => d.merge((text) => text.replace("replicas: 3", "replicas: x"))),
    level: "high",
    reason: /the change is unknown: refused/,
  },
  {
    history: "an update from a laptop with uncommitted files",
    make: of((d) => d.up("succeeded", { "git.dirty": "true" })),
    level: "high",
    reason: /files that are not in commit/,
  },
  {
    history: "an update of one resource alone",
    make: of((d) => d.up("succeeded", { "pulumi.flag.target": "set" })),
    level: "high",
    reason: /ran with --target/,
  },
  {
    history: "an update with an option that is not known to leave the stack whole",
    make: of((d) => d.up("succeeded", { "pulumi.flag.cwd": "set" })),
    level: "high",
    reason: /ran with --cwd/,
  },
  {
    history: "an update of one resource alone, by a variable",
    make: of((d) => d.up("succeeded", { "pulumi.env.PULUMI_OPTION_TARGET_DEPENDENTS": "set" })),
    level: "high",
    reason: /ran with --target-dependents/,
  },
  {
    history: "an update with the options of the workflow",
    make: of((d) =>
      d.up("succeeded", {
        "pulumi.flag.stack": "set",
        "pulumi.flag.yes": "true",
        "pulumi.flag.non-interactive": "true",
        "pulumi.flag.color": "set",
        "pulumi.flag.suppress-progress": "true",
        "pulumi.flag.suppress-outputs": "true",
      }),
    ),
    level: "none",
  },
  {
    history: "an update outside of git",
    make: of((d) => d.up("succeeded", { "git.head": "" })),
    level: "high",
    reason: /records no commit/,
  },
  {
    history: "an update that still runs",
    make: of((d) => d.up("in-progress")),
    level: "high",
    reason: /an update is in-progress/,
  },
  {
    history: "an import into the state",
    make: of((d) => d.up("succeeded", {}, "resource-import")),
    level: "high",
    reason: /changed by resource-import/,
  },
  {
    history: "a killed engine, which records no update",
    make: of((d) => (d.state = { written: "2026-11-24T00:02:00.5Z" })),
    level: "high",
    reason: /written at .*, after the last recorded update/,
  },
  {
    history: "an operation that was interrupted",
    make: of((d) => (d.state = { pending: 1 })),
    level: "high",
    reason: /1 operations were interrupted/,
  },
  {
    history: "a state without any history",
    make: () => Object.assign(new Deployments(), { state: { written: "2026-11-24T00:00:00Z" } }),
    level: "high",
    reason: /no update that succeeded/,
  },
  {
    history: "failures only",
    make: of(
      (d) => d.up("failed"),
      () => new Deployments(),
    ),
    level: "high",
    reason: /no update that succeeded/,
  },
  {
    history: "a refresh after the update",
    make: of((d) => (d.up("succeeded", { "git.head": "" }, "refresh"), d.merge(edits.low))),
    level: "low",
  },
  {
    history: "destroyed, then deployed again",
    make: of((d) => d.up("succeeded", {}, "destroy")),
    level: "high",
    reason: /this is the first deployment/,
  },
];

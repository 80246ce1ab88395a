import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse, parseDocument } from "yaml";
import { exampleText, projectWith } from "../ops/command-line";
import { commandOnPath } from "../ops/stub-command";

const renders = path.join(__dirname, "../fixtures/renders");

/** A Cilium CLI that reads its values file twice and prints what was recorded of each version, with the one value in it that the tests change. */
export const recordedCilium = commandOnPath(
  "cilium",
  `for file; do :; done
values=$(cat "$file" && cat "$file")
case "$values" in
*"lbMapMax: 131072"*) sed 's/bpf-lb-map-max: "65536"/bpf-lb-map-max: "131072"/' "${renders}/$CILIUM_VERSION.yaml" ;;
*) cat "${renders}/$CILIUM_VERSION.yaml" ;;
esac`,
);

/** A stack file as data, for a test to change. */
export type StackData = Record<string, Record<string, unknown>> & {
  readonly hosts: Record<string, unknown>[];
  readonly workers: Record<string, unknown>[];
};

/** The example's text with a change of its data. */
export function example(change: (config: StackData) => void = () => undefined): string {
  const { config } = parse(exampleText) as { config: Record<string, unknown> };
  const bare = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.slice("metal:".length), value]),
  );
  change(bare as StackData);
  const document = parseDocument(exampleText);
  for (const [key, value] of Object.entries(bare)) document.setIn(["config", `metal:${key}`], value);
  return document.toString();
}

function git(directory: string, ...args: readonly string[]): void {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  // Otherwise each commit starts a second git.
  const alone = ["-c", "maintenance.auto=false"];
  childProcess.execFileSync("git", [...who, ...alone, ...args], { cwd: directory, stdio: "pipe" });
}

/** A repository whose main has the first files, and whose working tree has the second; undefined takes a file away. */
export function pullRequest(
  base: Readonly<Record<string, string>>,
  head: Readonly<Record<string, string | undefined>>,
): string {
  const directory = projectWith(base);
  git(directory, "init", "-q", "-b", "main", "--template=");
  git(directory, "add", "-A");
  git(directory, "commit", "-q", "-m", "base");
  for (const [name, text] of Object.entries(head)) {
    if (text === undefined) fs.rmSync(path.join(directory, name));
    else fs.writeFileSync(path.join(directory, name), text);
  }
  return directory;
}

/** Records what the working tree holds, on a branch of its own where one is named. */
export function commitAll(directory: string, branch?: string): void {
  if (branch !== undefined) git(directory, "checkout", "-q", "-b", branch);
  git(directory, "add", "-A");
  git(directory, "commit", "-q", "--allow-empty", "-m", "head");
}

/** Another worker beside the example's. */
export function addWorker(config: StackData): void {
  const like = structuredClone(config.hosts[3]);
  const text = JSON.stringify(like)
    .replaceAll("capi-1-w-1", "capi-1-w-2")
    .replaceAll("52:54:00:0a:00:23", "52:54:00:0a:00:24")
    .replaceAll("10.250.250.23", "10.250.250.24")
    .replaceAll("10.250.251.23", "10.250.251.24")
    .replaceAll("S4EMNX0R100023", "S4EMNX0R100024");
  config.hosts.push(JSON.parse(text) as Record<string, unknown>);
  config.workers[0] = { ...config.workers[0], replicas: 2 };
}

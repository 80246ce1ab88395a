import fs from "node:fs";
import path from "node:path";
import { parse, parseDocument } from "yaml";
import { text } from "../../model/kubernetes/object";
import { linkOn } from "../../ops/stack/project-files";
import type { StackChange } from "../faults/fault";
import { type RehearsalStack, rehearsalStack } from "./stack-file";
import { throwAwaySecrets } from "./throw-away";

/** The repository's root: where Pulumi.yaml and the stack files are. */
export const projectRoot = path.join(__dirname, "..", "..");

/** Where one rehearsal keeps everything; the user's own files are only read. */
export interface Workspace {
  readonly stackName: string;
  readonly directory: string;
  /** A folder of links to the project with its own copy of the stack file: Pulumi runs here. */
  readonly project: string;
  readonly stack: RehearsalStack;
  /** Throw-away values of the stack's secrets, by their place in the stack file. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** The folder of a stack's rehearsal. */
export function rehearsalDirectory(stackName: string, root = projectRoot): string {
  return path.join(root, ".metal", "rehearsal", stackName);
}

/** Stack files that are here only to be rehearsed. */
const testStacks = path.join("test", "stacks");

/** Reads a stack file of the project or of test/stacks; throws with what is there when it is not. */
export function readStackFile(
  stackName: string,
  root = projectRoot,
  changes?: readonly StackChange[],
): RehearsalStack {
  const text = fs.readFileSync(path.join(stackFolder(stackName, root), `Pulumi.${stackName}.yaml`), "utf8");
  return rehearsalStack(text, stackName, changes);
}

/** Changes values of the rehearsed copy of a stack file, as a person with an editor would; its secrets stay. */
export function changeStackFile({ project, stackName }: Workspace, changes: readonly StackChange[]): void {
  const file = path.join(project, `Pulumi.${stackName}.yaml`);
  const document = parseDocument(fs.readFileSync(file, "utf8"));
  for (const { at, to } of changes) document.setIn(["config", ...at], document.createNode(to));
  fs.writeFileSync(file, document.toString());
}

/** The folder in which a stack's file is; throws with what is there when there is none. */
export function stackFolder(stackName: string, root = projectRoot): string {
  const folders = [root, path.join(root, testStacks)].filter((folder) => fs.existsSync(folder));
  const found = folders.find((folder) => fs.existsSync(path.join(folder, `Pulumi.${stackName}.yaml`)));
  if (found === undefined) {
    const names = folders
      .flatMap((folder) => fs.readdirSync(folder))
      .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    const known = names.length === 0 ? "there are none here" : `there are: ${names.join(", ")}`;
    throw new Error(`no stack file "Pulumi.${stackName}.yaml"; ${known}`);
  }
  return found;
}

/** The file by which a folder is known as a rehearsal's. */
const mark = ".rehearsal";

/** Files of which a folder of a rehearsal has one; earlier versions made no mark. */
const marks = [mark, "engine.log"];

/** Throws where the folder of a rehearsal is reached through a link, or is something else: it would be removed. */
function assertOwn(directory: string, root: string): void {
  const link = linkOn(root, directory);
  if (link !== undefined)
    throw new Error(
      `${link} is a symbolic link, and a rehearsal removes what is there: remove the link, or move the folder here`,
    );
  if (!fs.existsSync(directory)) return;
  const found = fs.readdirSync(directory);
  if (found.length > 0 && !marks.some((name) => found.includes(name)))
    throw new Error(`${directory} is not a folder of a rehearsal: it has no file ${mark}; move it elsewhere`);
}

/**
 * Makes a new workspace; what an earlier rehearsal of the stack left is removed. Throws where the folder is not a rehearsal's, or
 * is reached through a link.
 */
export async function createWorkspace(
  stackName: string,
  root = projectRoot,
  changes: readonly StackChange[] = [],
): Promise<Workspace> {
  const directory = rehearsalDirectory(stackName, root);
  const secrets = await throwAwaySecrets(readStackFile(stackName, root, changes).secretPaths);
  const stack = readStackFile(stackName, root, [...changes, ...secrets.changes]);
  assertOwn(directory, root);
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, mark), "");
  const project = path.join(directory, "project");
  for (const folder of [project, path.join(directory, "state"), path.join(directory, "pulumi-home")]) {
    fs.mkdirSync(folder, { recursive: true });
  }
  const charts = text(parse(stack.text), "config", "metal:cilium", "chartDirectory")?.split("/")[0];
  for (const name of fs.readdirSync(root)) {
    if (name === ".metal" || name === ".git" || /^Pulumi\..*yaml$/.test(name)) continue;
    const [from, to] = [path.join(root, name), path.join(project, name)];
    // The program reads no chart through a link.
    if (name === charts) fs.cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    else fs.symlinkSync(from, to);
  }
  fs.copyFileSync(path.join(root, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
  fs.writeFileSync(path.join(project, `Pulumi.${stackName}.yaml`), stack.text);
  return { stackName, directory, project, stack, secrets: secrets.values };
}

/** Data of a rehearsal that passed is of no use; its logs and events are. */
export function removeData(directory: string): void {
  for (const name of fs.readdirSync(directory)) {
    if ([mark, "logs", "engine.log", "events.jsonl"].includes(name)) continue;
    fs.rmSync(path.join(directory, name), { recursive: true, force: true });
  }
}

/** A rehearsal that runs now, as other programs may find it. */
export interface RunningRehearsal {
  readonly stack: string;
  /** The file name of the script that runs: its command line ends with it. */
  readonly program: string;
  /** The process that ends the rehearsal on SIGTERM. */
  readonly outerPid: number;
  /** The process whose namespaces hold the lab. */
  readonly insidePid: number;
  readonly userNamespace: boolean;
  readonly directory: string;
  readonly startedAt: string;
}

const folder = path.join(projectRoot, ".metal", "rehearsal");
const fileOf = (stack: string) => path.join(folder, `${stack}.running.json`);

/** Makes a rehearsal known. */
export function announce(rehearsal: RunningRehearsal): void {
  const link = linkOn(projectRoot, fileOf(rehearsal.stack));
  if (link !== undefined) throw new Error(`${link} is a symbolic link: remove it`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(fileOf(rehearsal.stack), JSON.stringify(rehearsal));
}

/** Takes the announcement back. */
export function withdraw(stack: string): void {
  fs.rmSync(fileOf(stack), { force: true });
}

/** The rehearsals that run now; announcements of dead ones are ignored. */
export function runningRehearsals(): readonly RunningRehearsal[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".running.json"))
    .map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")) as RunningRehearsal)
    .filter(lives);
}

/** Process ids are reused: it must also run that script. */
function lives({ outerPid, program }: RunningRehearsal): boolean {
  try {
    return fs.readFileSync(`/proc/${outerPid}/cmdline`, "utf8").includes(program);
  } catch {
    // No such process.
    return false;
  }
}

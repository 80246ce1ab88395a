/**
 * Paths of the project that no stack's preview depends on. Any other path counts as code: a preview too many costs minutes, one
 * too few a cluster.
 */
const harmless: readonly RegExp[] = [
  /^(policy\/)?[^/]+\.md$/,
  /^(docs|test|bench|lab)\//,
  /^ops\/(commands|docs|review|router|bgp)\//,
  /^ops\/metal\.ts$/,
  /^policy\/.*\.test\.ts$/,
  /^\.(ci|github|vscode)\//,
  /^\.(gitignore|mocharc\.json|prettierignore|prettierrc\.json|dependency-cruiser\.cjs|editorconfig)$/,
  /^(LICENSE|CODEOWNERS|eslint\.config\.mjs)$/,
];

/** Whether a file of the project concerns no stack. */
export function isHarmless(path: string): boolean {
  // Git's own files decide what is compared, wherever they are.
  if (/(^|\/)\.git(attributes|modules)$/.test(path)) return false;
  return harmless.some((pattern) => pattern.test(path));
}

/** The folders of the project's own code, documentation and tests; so is every folder whose name starts with a dot. */
export const ownFolders: readonly string[] = [
  "bench",
  "components",
  "docs",
  "lab",
  "model",
  "node_modules",
  "ops",
  "policy",
  "startup",
  "test",
  "tools",
];

/** What is wrong with the path of a file or folder that a stack brings into the project, and the right spelling where there is one. */
export interface PathProblem {
  readonly problem: string;
  readonly write?: string;
}

/**
 * A stack's own folder is compared file by file with what runs, so its path must be spelt as git spells it, and its files must
 * not count as something else. Undefined where the path is right.
 */
export function folderProblem(path: string): PathProblem | undefined {
  if (path.startsWith("/") || path.startsWith("~")) return { problem: "is a path outside the project" };
  const steps = stepsOf(path);
  if (steps === undefined) return { problem: "leads out of the project" };
  const clean = steps.join("/");
  if (clean === "") return { problem: "is the project itself" };
  if (isOwn(clean)) return { problem: `is a folder of the project itself (${steps[0] ?? ""}/)` };
  if (!steps.every((step) => /^\w[\w.+-]*$/.test(step))) {
    return { problem: "has characters other than letters, digits, dots, dashes and underscores" };
  }
  return clean === path ? undefined : { problem: `is another spelling of ${clean}`, write: clean };
}

/** Whether a relative path leads to a file of the project that counts as its code, documentation or tests. */
export function isOwnFile(path: string): boolean {
  if (path.startsWith("/") || path.startsWith("~")) return false;
  const clean = stepsOf(path)?.join("/");
  return clean !== undefined && (isOwn(clean) || isHarmless(clean));
}

/** Some file systems do not distinguish upper and lower case. */
function isOwn(clean: string): boolean {
  const [folder = "", file] = clean.toLowerCase().split("/");
  return folder.startsWith(".") ? file !== undefined : ownFolders.includes(folder);
}

/** The steps of a relative path without `.` and `..`; undefined where it leads out of the folder that it starts from. */
function stepsOf(path: string): readonly string[] | undefined {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") {
      if (steps.pop() === undefined) return undefined;
    } else if (step !== "" && step !== ".") steps.push(step);
  }
  return steps;
}

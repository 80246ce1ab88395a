import path from "node:path";
import { type Fold, commentText, markedStack, withoutColours } from "../../model/change/review/comment";
import { shown } from "../../model/redaction/shown";
import { scrubbed } from "../../model/redaction/text";
import { knownSecrets, readText } from "./scrub";
import { type Terminal, Refusal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";
import { GitHubComments, GitHubError, keepComment, removeOutdated } from "../review/github";

/** The author of what a workflow's own token writes. */
const workflowAuthor = "github-actions[bot]";

/** Writes, updates or removes comments according to the options. */
export async function commentAction(terminal: Terminal, options: CommentOptions): Promise<ExitCode> {
  const { env } = terminal;
  const { pull, repo = env["GITHUB_REPOSITORY"] } = options;
  if (pull === undefined || repo === undefined) {
    throw new Refusal("name the pull request: --pull N --repo OWNER/NAME (or --dry-run)");
  }
  const token = env["GITHUB_TOKEN"] || env["GH_TOKEN"];
  if (!token) throw new Refusal("there is no token; set GITHUB_TOKEN to one that may write pull requests");
  const api = env["GITHUB_API_URL"] || "https://api.github.com";
  const comments = new GitHubComments({ api, token, repository: repo });
  try {
    const author = options.author ?? (await authorOf(comments, env));
    if (options.sweep !== undefined) {
      const affected = stacksOf(
        readText(path.resolve(terminal.directory, options.sweep), options.sweep),
        options.sweep,
      );
      const removed = await removeOutdated(comments, pull, { affected, author });
      if (options.json === true) terminal.json({ removed });
      else terminal.out(`removed ${removed} outdated comments`);
      return exitCodes.holds;
    }
    return await keep(terminal, options, { comments, pull, author });
  } catch (error) {
    if (error instanceof GitHubError) throw new Refusal(hinted(error, pull, repo));
    throw error;
  }
}

async function keep(
  terminal: Terminal,
  options: CommentOptions,
  {
    comments,
    pull,
    author,
  }: { readonly comments: GitHubComments; readonly pull: number; readonly author: string },
): Promise<ExitCode> {
  const { stack, text, cut, secretsRemoved } = composed(terminal, options);
  const { action, comment, duplicates } = await keepComment(comments, pull, { stack, text, author });
  if (comment.author.toLowerCase() !== author.toLowerCase()) {
    terminal.err(
      `the comment belongs to ${comment.author}, not ${author}; write --author '${comment.author}', or each run adds one more\n`,
    );
  }
  if (options.json === true) {
    // The count is not a secret, although its key looks like one.
    terminal.document(
      JSON.stringify({ action, url: shown(comment.url), duplicates, cut: cut.map(shown), secretsRemoved }),
    );
    return exitCodes.holds;
  }
  const notes = [
    ...(duplicates === 0 ? [] : [`${duplicates} duplicates removed`]),
    ...(cut.length === 0 ? [] : [`left out: ${cut.join("; ")}`]),
    ...(secretsRemoved === 0 ? [] : [`${secretsRemoved} secrets redacted`]),
  ];
  terminal.out([`${action} ${comment.url}`, ...notes].join("\n"));
  return exitCodes.holds;
}

async function authorOf(comments: GitHubComments, env: NodeJS.ProcessEnv): Promise<string> {
  if (env["GITHUB_ACTIONS"] === "true") return workflowAuthor;
  const login = await comments.login();
  if (login !== undefined) return login;
  throw new Refusal("this token may not read its own login; write --author, such as --author 'my-app[bot]'");
}

/** The stacks of a matrix as `affected --json` prints it. */
function stacksOf(text: string, file: string): readonly string[] {
  try {
    const { include } = JSON.parse(text) as { readonly include: readonly { readonly stack: string }[] };
    return include.map(({ stack }) => stack);
  } catch {
    throw new Refusal(`${file} is not a matrix; generate it with: npm run --silent metal -- affected --json`);
  }
}

function hinted({ message, status }: GitHubError, pull: number, repo: string): string {
  switch (status) {
    case 401:
      return `${message}; the token is wrong or has expired`;
    case 403:
      return `${message}; the token needs "pull-requests: write", which pull requests from forks do not get`;
    case 404:
      return `${message}; there is no pull request ${pull} in ${repo}, or the token may not see it`;
    default:
      return message;
  }
}

/** Options of `comment`. */
export interface CommentOptions {
  readonly stack?: string;
  readonly body?: string;
  readonly fold: readonly { readonly title: string; readonly file: string }[];
  readonly sweep?: string;
  readonly pull?: number;
  readonly repo?: string;
  readonly author?: string;
  readonly artifactUrl?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** The comment's text from the files that the command line names, without any secret. */
export function composed(
  { directory, env }: Terminal,
  { stack, body, fold, artifactUrl }: CommentOptions,
): {
  readonly stack: string;
  readonly text: string;
  readonly cut: readonly string[];
  readonly secretsRemoved: number;
} {
  if (stack === undefined || body === undefined) {
    throw new Refusal("name the stack and the text of the comment: --stack NAME --body FILE");
  }
  const known = knownSecrets(directory, env, stack);
  let secretsRemoved = 0;
  const clean = (file: string): string => {
    const { text, removed } = scrubbed(withoutColours(readText(path.resolve(directory, file), file)), known);
    secretsRemoved += [...removed.values()].reduce((sum, count) => sum + count, 0);
    return text;
  };
  const markdown = clean(body);
  const marked = markedStack(markdown);
  if (marked !== undefined && marked !== stack) {
    throw new Refusal(`${body} is about the stack "${marked}"; write --stack ${marked}, or another file`);
  }
  const folds: readonly Fold[] = fold.map(({ title, file }) => ({ title, text: clean(file) }));
  const parts = { stack, body: markdown, folds, secretsRemoved };
  const { text, cut } = commentText(artifactUrl === undefined ? parts : { ...parts, artifactUrl });
  return { stack, text, cut, secretsRemoved };
}

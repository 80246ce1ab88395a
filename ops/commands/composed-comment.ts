import path from "node:path";
import { type Fold, commentText, markedStack, withoutColours } from "../../model/change/review/comment";
import { scrubbed } from "../../model/redaction/text";
import { knownSecrets } from "../review/known-secrets";
import { readText } from "./scrub";
import { Refusal, type Terminal } from "./terminal";

/** What the command line of `comment` says. */
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
    throw new Refusal("say what the comment is about and what it says: --stack NAME --body FILE");
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

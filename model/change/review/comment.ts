import { visible } from "../../redaction/shown";
import { type Fitted, fitted } from "./fit";

/** Text that a comment shows folded, such as the output of a command. */
export interface Fold {
  readonly title: string;
  readonly text: string;
}

/** What a comment about a stack is made of. */
export interface CommentParts {
  readonly stack: string;
  /** Markdown; its first line may be the marker already. */
  readonly body: string;
  readonly folds: readonly Fold[];
  /** Where the whole can be read. */
  readonly artifactUrl?: string;
  /** How many secrets were taken out of it. */
  readonly secretsRemoved: number;
}

/** A comment as GitHub has it. */
export interface ExistingComment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

/** What must be done so that there is one comment with the wanted text. */
export interface CommentPlan {
  readonly action: "create" | "update" | "nothing";
  /** The comment that stays; undefined when there is none yet. */
  readonly keep: number | undefined;
  /** Further comments of the same stack. */
  readonly remove: readonly number[];
}

const markerLine = /^<!-- metal-diff stack=(\S+) -->$/;

/** The hidden first line by which a stack's comment is found again. */
export function markerOf(stack: string): string {
  return `<!-- metal-diff stack=${stack} -->`;
}

/** The stack that the first line of a text names. */
export function markedStack(text: string): string | undefined {
  return markerLine.exec(text.split(/\r?\n/, 1)[0] ?? "")?.[1];
}

/** The comment's text: marker, body, folds, and where more is; within GitHub's size. */
export function commentText(parts: CommentParts): Fitted {
  const { stack, body, folds, artifactUrl, secretsRemoved } = parts;
  const own = markedStack(body) === undefined ? body : body.slice(body.indexOf("\n") + 1);
  const notes = [
    ...(artifactUrl === undefined ? [] : [`Everything as files: [artifact](${artifactUrl}).`]),
    ...(secretsRemoved === 0 ? [] : [`Secrets taken out: ${secretsRemoved}.`]),
  ];
  const footer = notes.length === 0 ? [] : ["", `<sub>${notes.join(" ")}</sub>`];
  const text = [
    markerOf(stack),
    visible(own).trimEnd(),
    ...folds.map((fold) => `\n${folded(fold)}`),
    ...footer,
    "",
  ].join("\n");
  const whole =
    artifactUrl === undefined
      ? `The whole on your machine: \`npm run metal -- diff --stack ${stack}\``
      : `The whole: [artifact](${artifactUrl})`;
  return fitted(text, whole);
}

/** Compares what is there with what is wanted. Only comments of our own author count: any user can write a marker. */
export function planComment(
  existing: readonly ExistingComment[],
  wanted: { readonly stack: string; readonly text: string; readonly author: string },
): CommentPlan {
  const [keep, ...others] = ownComments(existing, wanted.author)
    .filter(({ body }) => markedStack(body) === wanted.stack)
    .sort((a, b) => a.id - b.id);
  const remove = others.map(({ id }) => id);
  if (keep === undefined) return { action: "create", keep: undefined, remove };
  const same = normal(keep.body) === normal(wanted.text);
  return { action: same ? "nothing" : "update", keep: keep.id, remove };
}

/** Comments of stacks that a pull request no longer affects; they would go on saying what is no longer so. */
export function outdatedComments(
  existing: readonly ExistingComment[],
  { affected, author }: { readonly affected: readonly string[]; readonly author: string },
): readonly number[] {
  return ownComments(existing, author)
    .filter(({ body }) => {
      const stack = markedStack(body);
      return stack !== undefined && !affected.includes(stack);
    })
    .map(({ id }) => id);
}

function ownComments(existing: readonly ExistingComment[], author: string): readonly ExistingComment[] {
  return existing.filter((comment) => comment.author.toLowerCase() === author.toLowerCase());
}

/** Text as it is: in a fence that is longer than any it holds. */
function folded({ title, text }: Fold): string {
  const runs = [...text.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(3, ...runs.map((length) => length + 1)));
  const shown = visible(text).trimEnd();
  return [
    `<details><summary>${escaped(title)}</summary>`,
    "",
    ...(shown === "" ? ["Nothing."] : [`${fence}text`, shown, fence]),
    "",
    "</details>",
  ].join("\n");
}

/** A text without colours and cursor movements. Before secrets are looked for: one may stand within a name. */
export function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** GitHub may give line ends back in another form. */
function normal(text: string): string {
  return text.replace(/\r\n?/g, "\n").trim();
}

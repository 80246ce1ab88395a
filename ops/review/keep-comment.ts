import { outdatedComments, planComment } from "../../model/change/review/comment";
import { type GitHubComment, type GitHubComments, GitHubError } from "./github";

/** What was done to a pull request. */
export interface Kept {
  readonly action: "created" | "updated" | "unchanged";
  readonly comment: GitHubComment;
  /** How many further comments of the stack were removed. */
  readonly duplicates: number;
}

/** Attempts when another writer interferes, or when it is uncertain whether a comment was written. */
const looks = 4;

/** Ensures that a pull request has exactly one comment about a stack, with this text. */
export async function keepComment(
  comments: GitHubComments,
  pull: number,
  wanted: { readonly stack: string; readonly text: string; readonly author: string },
): Promise<Kept> {
  for (let look = 1; ; look++) {
    try {
      return await keepOnce(comments, pull, wanted);
    } catch (error) {
      // Deleted since it was read, or possibly written although the response was lost.
      const again = error instanceof GitHubError && (error.maybeDone || error.status === 404);
      if (!again || look === looks || (error.status === 404 && look > 1)) throw error;
      await comments.pause(look);
    }
  }
}

async function keepOnce(
  comments: GitHubComments,
  pull: number,
  wanted: { readonly stack: string; readonly text: string; readonly author: string },
): Promise<Kept> {
  const existing = await comments.of(pull);
  const plan = planComment(existing, wanted);
  const kept = existing.find(({ id }) => id === plan.keep);
  const comment =
    kept === undefined
      ? await comments.create(pull, wanted.text)
      : plan.action === "update"
        ? await comments.update(kept.id, wanted.text)
        : kept;
  for (const id of plan.remove) await comments.remove(id);
  const action = kept === undefined ? "created" : plan.action === "update" ? "updated" : "unchanged";
  return { action, comment, duplicates: plan.remove.length };
}

/** Removes the comments of stacks that a pull request no longer affects; returns how many there were. */
export async function removeOutdated(
  comments: GitHubComments,
  pull: number,
  about: { readonly affected: readonly string[]; readonly author: string },
): Promise<number> {
  const outdated = outdatedComments(await comments.of(pull), about);
  for (const id of outdated) await comments.remove(id);
  return outdated.length;
}

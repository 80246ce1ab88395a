import { beginningOf } from "../../model/redaction/shown";
import { type ExistingComment, outdatedComments, planComment } from "../../model/change/review/comment";

/** Where comments are read and written, and as whom. */
export interface GitHubAccess {
  /** The API's address, `https://api.github.com` or a server's own. */
  readonly api: string;
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Waits so many milliseconds; tests do not. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  readonly now?: () => Date;
}

/** A comment, and where a person finds it. */
export interface GitHubComment extends ExistingComment {
  readonly url: string;
}

/** GitHub refused a request, or did not respond. */
export class GitHubError extends Error {
  constructor(
    message: string,
    /** The response's status; undefined without a response. */
    readonly status: number | undefined,
    /** Whether the request may still have been carried out. */
    readonly maybeDone = false,
  ) {
    super(message);
  }
}

const attempts = 6;
const answerSeconds = 30;
/** A rate limit that ends later than this is not waited for: the job would be billed for waiting. */
const patienceSeconds = 600;
/** GitHub requires a pause of at least a minute where it gives no time. */
const secondaryLimitSeconds = 60;

/** The comments of a repository's pull requests. Reads all pages; tries again when GitHub is busy or broken. */
export class GitHubComments {
  private readonly wait: (milliseconds: number) => Promise<void>;
  private readonly now: () => Date;
  private readonly base: string;

  constructor(private readonly access: GitHubAccess) {
    this.wait = access.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.now = access.now ?? (() => new Date());
    this.base = access.api.replace(/\/+$/, "");
  }

  /** The login whose token this is; undefined for a workflow's token, which may not read it. */
  async login(): Promise<string | undefined> {
    try {
      const { body } = await this.request("GET", `${this.base}/user`);
      return (body as { readonly login?: string }).login;
    } catch (error) {
      if (error instanceof GitHubError && error.status === 403) return undefined;
      throw error;
    }
  }

  /** All comments of a pull request, oldest first. */
  async of(pull: number): Promise<readonly GitHubComment[]> {
    const found: GitHubComment[] = [];
    let url: string | undefined = `${this.issues()}/${pull}/comments?per_page=100`;
    while (url !== undefined) {
      const { body, next } = await this.request("GET", url);
      found.push(...(body as readonly ApiComment[]).map(commentOf));
      // The token goes with each request, so no response may redirect it to another server.
      if (next !== undefined && !next.startsWith(`${this.base}/`)) {
        throw new GitHubError(`the next page of comments is on another server`, undefined);
      }
      url = next;
    }
    return found;
  }

  /** Writes a new comment. A failure that leaves open whether it was written is not tried again here. */
  async create(pull: number, body: string): Promise<GitHubComment> {
    const answer = await this.request("POST", `${this.issues()}/${pull}/comments`, { body });
    return commentOf(answer.body as ApiComment);
  }

  async update(id: number, body: string): Promise<GitHubComment> {
    const answer = await this.request("PATCH", `${this.issues()}/comments/${id}`, { body });
    return commentOf(answer.body as ApiComment);
  }

  /** Removes a comment; one that no longer exists is not an error. */
  async remove(id: number): Promise<void> {
    try {
      await this.request("DELETE", `${this.issues()}/comments/${id}`);
    } catch (error) {
      if (!(error instanceof GitHubError && error.status === 404)) throw error;
    }
  }

  /** Waits before the comments are read again. */
  async pause(look: number): Promise<void> {
    await this.wait(2 ** (look - 1) * 1000);
  }

  private issues(): string {
    return `${this.base}/repos/${this.access.repository}/issues`;
  }

  private async request(method: string, url: string, body?: unknown): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.once(method, url, body);
      if ("done" in answer) return answer.done;
      const { error, seconds } = answer;
      if (seconds === undefined || attempt === attempts || (method === "POST" && error.maybeDone))
        throw error;
      if (seconds > patienceSeconds) {
        const until = new Date(this.now().getTime() + seconds * 1000).toISOString();
        throw new GitHubError(`${error.message}; requests are accepted again at ${until}`, error.status);
      }
      await this.wait(Math.max(seconds, error.maybeDone ? 2 ** (attempt - 1) : 0) * 1000);
    }
  }

  private async once(
    method: string,
    url: string,
    body: unknown,
  ): Promise<
    { readonly done: Answer } | { readonly error: GitHubError; readonly seconds: number | undefined }
  > {
    const what = `${method} ${new URL(url).pathname}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${this.access.token}`,
          "user-agent": "metal",
          "x-github-api-version": "2022-11-28",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(answerSeconds * 1000),
      });
      text = await response.text();
    } catch (error) {
      const { cause, message } = error as Error;
      const why = cause instanceof Error && cause.message !== "" ? cause.message : message;
      return { error: new GitHubError(`${what}: no answer: ${why}`, undefined, true), seconds: 0 };
    }
    if (response.ok) {
      const body = jsonIn(text);
      if (body === "unparsed")
        return {
          error: new GitHubError(`${what}: the answer is not JSON`, response.status, false),
          seconds: 0,
        };
      return { done: { body, next: nextPage(response.headers) } };
    }
    const message = messageOf(text);
    const error = new GitHubError(
      `${what}: ${response.status} ${message}`,
      response.status,
      response.status >= 500,
    );
    return { error, seconds: this.secondsToWait(response, message) };
  }

  /** Undefined when a retry cannot succeed. */
  private secondsToWait({ status, headers }: Response, message: string): number | undefined {
    const retryAfter = headers.get("retry-after");
    const seconds = retryAfter === null ? undefined : Number(retryAfter);
    if (status >= 500) return seconds ?? 0;
    if (status !== 403 && status !== 429) return undefined;
    if (seconds !== undefined && Number.isFinite(seconds)) return seconds;
    if (headers.get("x-ratelimit-remaining") === "0") {
      const reset = Number(headers.get("x-ratelimit-reset") ?? 0) * 1000;
      return Math.max(1, Math.ceil((reset - this.now().getTime()) / 1000) + 1);
    }
    return status === 429 || /rate limit|abuse/i.test(message) ? secondaryLimitSeconds : undefined;
  }
}

interface Answer {
  readonly body: unknown;
  readonly next: string | undefined;
}

interface ApiComment {
  readonly id: number;
  readonly body?: string | null;
  readonly html_url: string;
  readonly user: { readonly login: string } | null;
}

function commentOf({ id, body, html_url: url, user }: ApiComment): GitHubComment {
  return { id, body: body ?? "", url, author: user?.login ?? "ghost" };
}

function nextPage(headers: Headers): string | undefined {
  return /<([^>]+)>;\s*rel="next"/.exec(headers.get("link") ?? "")?.[1];
}

/** The library's message would quote the answer, which may be a proxy's page. */
function jsonIn(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return "unparsed";
  }
}

/** GitHub's error message on one line, shortened. */
function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return beginningOf(message.replace(/\s+/g, " "), 300);
  } catch {
    // Not JSON, for example a proxy's page.
  }
  return beginningOf(text.replace(/\s+/g, " "), 120);
}

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

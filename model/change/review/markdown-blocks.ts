/** A stretch of Markdown that may be left out as a whole. */
export interface Block {
  /** The summary of a fold, or a heading; undefined for the head, which says the worst and always stays. */
  readonly title: string | undefined;
  readonly text: string;
}

/** What is open after some lines of Markdown: a code fence, and folds. */
export interface OpenEnds {
  /** The fence's own characters, which also close it. */
  readonly fence: string | undefined;
  readonly folds: number;
}

export const nothingOpen: OpenEnds = { fence: undefined, folds: 0 };

/** The state after one more line. What stands inside a fence opens and closes nothing. */
export function afterLine({ fence, folds }: OpenEnds, line: string): OpenEnds {
  const [, mark = "", rest = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (fence !== undefined) {
    const closes = mark.startsWith(fence) && rest.trim() === "";
    return { fence: closes ? undefined : fence, folds };
  }
  if (mark !== "" && !(mark.startsWith("`") && rest.includes("`"))) return { fence: mark, folds };
  const opened = [...line.matchAll(/<details[\s>]/gi)].length;
  const closed = [...line.matchAll(/<\/details>/gi)].length;
  return { fence, folds: Math.max(0, folds + opened - closed) };
}

/** Splits Markdown at its folds and headings; joined with newlines, the blocks are the text again. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let open = nothingOpen;
  let inFold = false;
  let headed = false;
  const flush = () => {
    if (lines.length === 0) return;
    const text = lines.join("\n");
    blocks.push({ title: blocks.length === 0 ? undefined : titleOf(text), text });
    lines = [];
  };
  for (const line of markdown.split("\n")) {
    const isTop = open.fence === undefined && open.folds === 0;
    const isHeading = isTop && /^#{1,6} /.test(line);
    const opensFold = isTop && /^<details[\s>]/i.test(line);
    if (opensFold || (isHeading && headed)) flush();
    headed ||= isHeading;
    inFold ||= opensFold;
    lines.push(line);
    open = afterLine(open, line);
    if (inFold && open.fence === undefined && open.folds === 0) {
      inFold = false;
      flush();
    }
  }
  flush();
  return blocks;
}

function titleOf(text: string): string {
  const summary = /<summary>(.*?)<\/summary>/is.exec(text)?.[1];
  const title = summary ?? text.split("\n").find((line) => line.trim() !== "") ?? "";
  return title
    .replace(/<[^>]*>/g, "")
    .replace(/^#+ /, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 100);
}

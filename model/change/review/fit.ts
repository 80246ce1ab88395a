/**
 * GitHub names 65,536 characters as the limit of a comment; what it really counts has differed, and this
 * many bytes of UTF-8 are below every reading.
 */
export const commentBytes = 60_000;

/** Markdown that fits, and the titles of what had to be left out. */
export interface Fitted {
  readonly text: string;
  readonly cut: readonly string[];
}

/** How many of the parts that were left out are named. */
const namedCuts = 20;

/**
 * Leaves out whole folds and sections until a text fits, the first ones kept as long as they do; its end lists what
 * was left out and where the whole is. The head stays: only when that alone is too long it is cut, at a line.
 */
export function fitted(markdown: string, whole: string, bytes = commentBytes): Fitted {
  if (sizeOf(markdown) <= bytes) return { text: markdown, cut: [] };
  const [head = { title: undefined, text: "" }, ...others] = blocksOf(markdown);
  const reserved = sizeOf(noteOn(["the rest of this overview", ...namesOf(others)], whole)) + 2;
  let room = bytes - reserved;
  const start = cutAtLine(head.text, room);
  room -= sizeOf(start);
  const kept = others.map((block) => {
    const size = sizeOf(block.text) + 1;
    if (size > room) return false;
    room -= size;
    return true;
  });
  const cut = [
    ...(start === head.text ? [] : ["the rest of this overview"]),
    ...namesOf(others.filter((_block, i) => !kept[i])),
  ];
  const parts = [
    start,
    ...others.filter((_block, i) => kept[i]).map(({ text }) => text),
    "",
    noteOn(cut, whole),
  ];
  return { text: parts.join("\n"), cut };
}

/** The size that limits are about. */
export function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function namesOf(blocks: readonly Block[]): readonly string[] {
  return blocks
    .filter(({ text }) => text.trim() !== "")
    .map(({ title = "", text }) => `${title} (${text.trim().split("\n").length} lines)`);
}

function noteOn(cut: readonly string[], whole: string): string {
  const named = cut.slice(0, namedCuts).map((title) => `> - ${title}`);
  const more = cut.length > namedCuts ? [`> - and ${cut.length - namedCuts} more`] : [];
  return [`> **Too long for a comment; left out here:**`, ...named, ...more, `>`, `> ${whole}`].join("\n");
}

/** As many whole lines as fit, with everything closed that they opened. */
function cutAtLine(text: string, bytes: number): string {
  if (sizeOf(text) <= bytes) return text;
  const kept: string[] = [];
  let open: OpenEnds = nothingOpen;
  let size = 0;
  for (const line of text.split("\n")) {
    const next = afterLine(open, line);
    size += sizeOf(line) + 1;
    if (size + sizeOf(closing(next)) > bytes) break;
    kept.push(line);
    open = next;
  }
  return `${kept.join("\n")}${closing(open)}`;
}

function closing({ fence, folds }: OpenEnds): string {
  return `${fence === undefined ? "" : `\n${fence}`}${"\n</details>".repeat(folds)}`;
}

/** A stretch of Markdown that may be left out as a whole. */
export interface Block {
  /** The summary of a fold, or a heading; undefined for the head, which has the worst and always stays. */
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

/** The state after one more line. Text inside a fence opens and closes nothing. */
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

import { type Block, type OpenEnds, afterLine, blocksOf, nothingOpen } from "./markdown-blocks";

/**
 * GitHub names 65,536 characters as the limit of a comment; what it really counts has differed (facts: ux.md 1), and this
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
 * Leaves out whole folds and sections until a text fits, the first ones kept as long as they do; at its end it says what
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

/** A part of a text as cloud-init's template engine (Jinja) reads it. */
export interface TemplatePart {
  /** `raw` is the text inside of a raw block, without the statements around it. */
  readonly kind: "text" | "raw" | "expression" | "statement";
  readonly text: string;
}

/**
 * The parts of a text, in order. What is opened and never closed is text, or a statement for a raw block without its end.
 * The work is in proportion to the text: an end that is not found once is not looked for again.
 */
export function templateParts(text: string): readonly TemplatePart[] {
  const opening = /\{%[-+]?\s*raw\s*-?%\}|\{\{|\{%/g;
  const ends = { raw: endFinder(rawEnd), expression: endFinder(/\}\}/g), statement: endFinder(/%\}/g) };
  const parts: TemplatePart[] = [];
  let done = 0;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const { index, 0: start } = match;
    const inside = index + start.length;
    const rawPart = start.length > 2 ? ends.raw(text, inside) : undefined;
    const kind = start === "{{" ? "expression" : "statement";
    const end = rawPart ?? ends[kind](text, start.length > 2 ? index : inside);
    if (end === undefined) continue;
    parts.push({ kind: "text", text: text.slice(done, index) });
    parts.push(
      rawPart === undefined
        ? { kind, text: text.slice(index, end.after) }
        : { kind: "raw", text: text.slice(inside, end.at) },
    );
    done = opening.lastIndex = end.after;
  }
  return [...parts, { kind: "text", text: text.slice(done) }];
}

const rawEnd = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;

/** Finds the next end from an offset on, which only grows from call to call. */
function endFinder(pattern: RegExp) {
  let isGone = false;
  return (text: string, from: number): { readonly at: number; readonly after: number } | undefined => {
    if (isGone) return undefined;
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    isGone = found === null;
    return found === null ? undefined : { at: found.index, after: pattern.lastIndex };
  };
}

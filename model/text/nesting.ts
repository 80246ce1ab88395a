/** Deeper than any stack and any chart; parsers, validators and comparisons recurse. */
export const deepestNesting = 100;

/** How many brackets of a text are open at once: an upper bound of how deep its JSON nests. */
export function openBrackets(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === "[" || character === "{") open++;
    else if (character === "]" || character === "}") open = Math.max(0, open - 1);
    deepest = Math.max(deepest, open);
  }
  return deepest;
}

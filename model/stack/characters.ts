/** Letters of other scripts that look like a Latin one, and dashes that look like one; the ones that are met when text is pasted. */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ["a", "аɑα"],
      ["c", "сϲ"],
      ["e", "еҽ"],
      ["g", "ɡ"],
      ["h", "һ"],
      ["i", "іιı"],
      ["j", "јϳ"],
      ["k", "к"],
      ["l", "ӏⅼ"],
      ["m", "м"],
      ["n", "ո"],
      ["o", "оοօ"],
      ["p", "рρ"],
      ["s", "ѕ"],
      ["t", "т"],
      ["u", "υս"],
      ["v", "νѵ"],
      ["w", "ѡԝ"],
      ["x", "хχ"],
      ["y", "уү"],
      ["z", "ᴢ"],
      ["A", "АΑ"],
      ["B", "ВΒ"],
      ["C", "С"],
      ["E", "ЕΕ"],
      ["H", "НΗ"],
      ["K", "КΚ"],
      ["M", "МΜ"],
      ["O", "ОΟ"],
      ["P", "РΡ"],
      ["T", "ТΤ"],
      ["X", "ХΧ"],
      ["-", "‐‑‒–—−－"],
      [".", "․．"],
      [":", "：ː"],
      ["/", "∕⁄"],
      ["0", "０"],
      ["1", "１"],
    ] as const
  ).flatMap(([plain, odd]) => [...odd].map((character) => [character, plain])),
);

/** Describes the character of a text that is not what it looks like: `"о" (U+043E), which only looks like "o"`. */
export function deceptive(text: string): string | undefined {
  for (const character of text) {
    const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    if (isInvisible(character)) return `an invisible character (${code})`;
    const twin = lookAlikes[character];
    if (twin !== undefined) return `"${character}" (${code}), which only looks like "${twin}"`;
    if (character > "~") return `"${character}" (${code}), which is no plain letter`;
  }
  return undefined;
}

/** Spaces and joiners without width, changes of direction, and the space that does not break. */
export function isInvisible(character: string): boolean {
  return /[\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(character);
}

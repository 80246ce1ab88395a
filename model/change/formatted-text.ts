/**
 * A sentence of ours with values of a stack in it. Each format shows the values in its own safe way: what a stack file holds
 * is never read as markup.
 */
export class Words {
  private constructor(
    /** Our own text; one more than there are values. */
    readonly parts: readonly string[],
    readonly values: readonly string[],
  ) {}

  /** Puts a sentence together; numbers are text, and sentences within a sentence keep their values. */
  static of(
    texts: readonly string[],
    insertions: readonly (string | number | Words | undefined)[] = [],
  ): Words {
    const parts = [texts[0] ?? ""];
    const values: string[] = [];
    insertions.forEach((inserted, i) => {
      const following = texts[i + 1] ?? "";
      if (inserted instanceof Words) {
        parts[parts.length - 1] += inserted.parts[0] ?? "";
        parts.push(...inserted.parts.slice(1));
        values.push(...inserted.values);
        parts[parts.length - 1] += following;
      } else if (typeof inserted === "string") {
        values.push(inserted);
        parts.push(following);
      } else {
        parts[parts.length - 1] += `${inserted ?? ""}${following}`;
      }
    });
    return new Words(parts, values);
  }

  /** The sentence, each value as `show` wants it. */
  text(
    show: (value: string) => string = (value) => value,
    ours: (text: string) => string = (text) => text,
  ): string {
    return this.parts
      .map((part, i) => ours(part) + (i < this.values.length ? show(this.values[i] ?? "") : ""))
      .join("");
  }

  /** The same sentence with other values. */
  withValues(show: (value: string) => string): Words {
    return new Words(this.parts, this.values.map(show));
  }

  /** In JSON a sentence is its text. */
  toJSON(): string {
    return this.text();
  }
}

/** A sentence: the template's text is ours, what is put into it is a stack's. */
export function words(
  texts: TemplateStringsArray,
  ...insertions: readonly (string | number | Words | undefined)[]
): Words {
  return Words.of(texts, insertions);
}

/** Text of our own, without any value. */
export function plainWords(text: string): Words {
  return Words.of([text]);
}

/** Sentences one after the other. */
export function joined(sentences: readonly Words[], separator: string): Words {
  return Words.of(
    ["", ...sentences.map((_sentence, i) => (i === sentences.length - 1 ? "" : separator))],
    sentences,
  );
}

/** Names as a list; of a long one the first few, and how many more there are. */
export function named(names: readonly string[], most = 6): Words {
  const shown = names.length > most ? names.slice(0, most - 1) : names;
  const list = joined(
    shown.map((name) => words`${name}`),
    ", ",
  );
  const more = names.length - shown.length;
  return more === 0 ? list : words`${list} and ${more} more`;
}

import { Document, isMap, isScalar, visit } from "yaml";

/** A stack file that is about to be written, with the comments that lead its reader. */
export interface StackFileDraft {
  /** Lines above everything, without the leading #. */
  readonly header: readonly string[];
  /** Below `config:`, with the prefix `metal:`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Comments above keys of `config`, by key; what the owner of the cluster has to fill in is marked "yours". */
  readonly comments: Readonly<Record<string, string>>;
}

/** Keys whose lists and maps fit on one line. */
const onOneLine = ["bmc", "links", "rootDeviceHints", "addressPool", "dhcpRange", "nodes"];

/** The text of a stack file: empty lines between the keys, comments, and short lists and maps on one line. */
export function stackFileText({ header, config, comments }: StackFileDraft): string {
  const document = new Document({ config }, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
  document.commentBefore = header.map((line) => ` ${line}`).join("\n");
  const keys: unknown = document.get("config", true);
  if (isMap(keys)) {
    keys.items.forEach((pair, i) => {
      if (!isScalar(pair.key)) return;
      pair.key.spaceBefore = i > 0;
      const comment = comments[String(pair.key.value)];
      if (comment !== undefined) {
        pair.key.commentBefore = comment
          .split("\n")
          .map((line) => ` ${line}`)
          .join("\n");
      }
    });
  }
  visit(document, {
    Seq: (_, seq) => {
      if (seq.items.every(isScalar)) seq.flow = true;
    },
    Pair: (_, pair) => {
      const flat = isScalar(pair.key) && onOneLine.includes(String(pair.key.value));
      if (flat && typeof pair.value === "object" && pair.value !== null)
        (pair.value as { flow?: boolean }).flow = true;
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

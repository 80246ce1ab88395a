import type { Paint } from "../../findings/formats";
import { duration } from "../../text/wording";
import type { Item, Mark, StatusTree } from "./item";
import { greatest } from "../../text/numbers";

/** How a tree is drawn. */
export interface Style {
  /** Tree lines and signs of a terminal; words and blanks elsewhere. */
  readonly drawn: boolean;
  readonly paint: Paint;
  /** Longest line; a terminal's width, and none elsewhere. */
  readonly width: number;
}

const signs: Readonly<Record<Mark, readonly [drawn: string, word: string]>> = {
  good: ["✔", "ok"],
  bad: ["✖", "BAD"],
  busy: ["▸", "wait"],
  unknown: ["?", "?"],
  idle: ["·", "free"],
};

/** More servers alike than this are listed in one line. */
const mostAlike = 8;

/** The tree as lines; the last says what to do next. */
export function statusLines(tree: StatusTree, now: number, style: Style): readonly string[] {
  const items = tree.items.map((item) => folded(item));
  const body = branch(items, now, style, "");
  return [headLine(tree, now, style), ...body, "", ...endLines(tree)].map((line) => clip(line, style.width));
}

function headLine(tree: StatusTree, now: number, { paint }: Style): string {
  const verdict = tree.verdict.toUpperCase();
  const shown = paint(
    tree.verdict === "ready" ? "good" : tree.verdict === "unknown" ? "warning" : "error",
    verdict,
  );
  const { ready, wanted } = tree.nodes;
  const age = now - tree.at < 1000 ? "now" : `${duration(now - tree.at)} ago`;
  return [tree.cluster, tree.version ?? "", shown, `${ready}/${wanted} nodes Ready`, `read ${age}`]
    .filter((part) => part !== "")
    .join("  ");
}

function endLines({ cluster, verdict, missing, items }: StatusTree): readonly string[] {
  if (verdict === "ready") return ["Nothing is missing."];
  const next = `Next: npm run metal -- diagnose --stack ${cluster}`;
  const isSilent = items.some(({ kind }) => kind === "side");
  if (verdict === "unknown" && isSilent) return ["Readiness cannot be determined.", next];
  const [first] = missing;
  const count = missing.length === 1 ? "1 thing is missing" : `${missing.length} things are missing`;
  return [...(first === undefined ? [] : [`${count}, first: ${first}`]), next];
}

function branch(items: readonly Item[], now: number, style: Style, stem: string): readonly string[] {
  const width = Math.min(40, greatest([0, ...items.map(({ name }) => name.length)]));
  return items.flatMap((item, index) => {
    const last = index === items.length - 1;
    const [fork, rail] = style.drawn ? (last ? ["└─ ", "   "] : ["├─ ", "│  "]) : ["  ", "  "];
    return [
      `${stem}${fork}${itemText(item, width, now, style)}`,
      ...branch(item.children ?? [], now, style, stem + rail),
    ];
  });
}

function itemText(item: Item, width: number, now: number, { drawn, paint }: Style): string {
  const [sign, word] = signs[item.mark];
  const shown = drawn ? sign : word.padEnd(4);
  const colour = item.mark === "bad" ? "error" : item.mark === "good" ? "good" : "warning";
  const mark = item.mark === "idle" ? shown : paint(colour, shown);
  const ages = [
    ...(item.since === undefined ? [] : [`for ${duration(now - item.since)}`]),
    ...(item.seenAt === undefined ? [] : [`seen ${duration(now - item.seenAt)} ago`]),
  ].join(", ");
  return [`${mark} ${item.name.padEnd(width)}`, item.text, ...(ages === "" ? [] : [paint("faint", ages)])]
    .join("  ")
    .trimEnd();
}

/** Many servers that are all as they should be become one line with their names. */
function folded(item: Item): Item {
  const children = item.children ?? [];
  const alike = children.filter(({ kind, mark }) => kind === "host" && mark === "good");
  if (alike.length <= mostAlike) return item;
  const names = alike.map(({ name }) => name);
  const since = greatest(alike.map((child) => child.since ?? 0));
  const one: Item = {
    kind: "hosts",
    name: `${alike.length} hosts alike`,
    mark: "good",
    text: `provisioned, node Ready: ${names.slice(0, 3).join(", ")} ... ${names.at(-1) ?? ""}`,
    ...(since === 0 ? {} : { since }),
  };
  return { ...item, children: [...children.filter((child) => !alike.includes(child)), one] };
}

/** Cut to the width; the escapes of colours take none, and are closed. */
function clip(line: string, width: number): string {
  // eslint-disable-next-line no-control-regex
  const pieces = line.split(/(\u001b\[[0-9;]*m)/);
  let room = width;
  return pieces
    .map((piece) => {
      if (piece.startsWith("\u001b")) return piece;
      const fits =
        piece.length <= room ? piece : `${piece.slice(0, Math.max(0, room - 1))}${room > 0 ? "…" : ""}`;
      room = Math.max(0, room - piece.length);
      return fits;
    })
    .join("");
}

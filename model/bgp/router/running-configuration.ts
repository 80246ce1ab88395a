import type { MergedRouter } from "./merge";

/** One line of a configuration with the block that it is in: `router bgp 65001`, `address-family ipv4 unicast`. */
export interface PlacedLine {
  readonly block: readonly string[];
  readonly line: string;
}

/**
 * The part of an FRR configuration that is ours, in an order that does not depend on who wrote it: lists and maps named
 * after our stacks, our peer groups and their nodes, and the settings of the BGP instance that we rely on. Both the
 * generated text and what `show running-config` prints come out equal when they mean the same.
 */
export function comparable(text: string, router: MergedRouter): string {
  const lines = placedLines(text);
  const ours = ownNames(lines, router);
  const kept = lines.filter((line) => isOurs(line, router, ours)).map((line) => hidden(line));
  const blocks = new Map<string, string[]>();
  for (const { block, line } of kept) {
    const key = block.join("\n");
    blocks.set(key, [...(blocks.get(key) ?? []), line]);
  }
  return [...blocks]
    .sort(([a], [b]) => compareText(a, b))
    .map(([block, own]) => [...(block === "" ? [] : block.split("\n")), ...sorted(own)].join("\n") + "\n")
    .join("");
}

/** Natural order, so that `seq 10` follows `seq 5`. */
function compareText(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function sorted(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].sort(compareText);
}

const blockStart =
  /^(router bgp|route-map|address-family|interface|line|vrf|router|segment-routing|key chain)\b/;

/** Every line of a configuration with its block, and the lines that its profile implies. */
export function placedLines(text: string): readonly PlacedLine[] {
  return withProfile(placed(text), text);
}

/** Indentation and comments mean nothing to FRR. */
function placed(text: string): readonly PlacedLine[] {
  const found: PlacedLine[] = [];
  let block: string[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim().replace(/\s+/g, " ");
    if (line === "" || line.startsWith("!") || line.startsWith("#")) continue;
    if (line === "exit-address-family") block = block.slice(0, 1);
    else if (line === "exit" || line === "end" || line.startsWith("exit-")) block = [];
    else if (blockStart.test(line)) {
      block = line.startsWith("address-family") ? [block[0] ?? "", line] : [line];
      // A route map's entry has an effect even without lines in it.
      if (line.startsWith("route-map")) found.push({ block, line: "(entry)" });
    } else if (/^(ip|ipv6) prefix-list /.test(line)) {
      block = [];
      found.push({ block: [], line });
    } else found.push({ block, line });
  }
  return found;
}

/** `show running-config` leaves out what its profile does anyway (measured on 8.4.4), so it is put back. */
function withProfile(lines: readonly PlacedLine[], text: string): readonly PlacedLine[] {
  const profile = /^frr defaults (\S+)/m.exec(text)?.[1];
  const usual = profile === "datacenter" ? ["bgp log-neighbor-changes"] : ["bgp ebgp-requires-policy"];
  if (profile === undefined) return lines;
  const instances = [...new Set(lines.map(({ block }) => block[0] ?? ""))].filter((name) =>
    name.startsWith("router bgp"),
  );
  return [
    ...lines,
    ...instances.flatMap((instance) =>
      usual
        .filter((line) => !lines.some((other) => other.block[0] === instance && other.line === `no ${line}`))
        .map((line) => ({ block: [instance], line })),
    ),
  ];
}

/** Neighbours of ours: members of our peer groups here, and those that are planned. */
export function ownNames(lines: readonly PlacedLine[], router: MergedRouter): ReadonlySet<string> {
  const members = lines.flatMap(({ line }) => {
    const [, neighbour, group] = /^neighbor (\S+) peer-group (\S+)$/.exec(line) ?? [];
    return neighbour !== undefined && group !== undefined && isOwn(group, router) ? [neighbour] : [];
  });
  return new Set([
    ...members,
    ...router.groups.flatMap((group) => group.neighbours.map((node) => node.address)),
  ]);
}

/** Names of ours begin with a stack's name and an underscore, which no stack's name holds. */
export function isOwn(name: string, router: MergedRouter): boolean {
  return router.stacks.some((stack) => name.startsWith(`${stack}_`));
}

/** Lines that act on the whole router: on every neighbour, and on every prefix. */
export const settings =
  /^(no )?(bgp (router-id|cluster-id|log-neighbor-changes|ebgp-requires-policy|default ipv4-unicast|bestpath as-path multipath-relax|graceful-restart$|listen limit)|maximum-paths)/;

function isOurs({ block, line }: PlacedLine, router: MergedRouter, members: ReadonlySet<string>): boolean {
  if (block.length === 0) {
    const name = /^ip(?:v6)? prefix-list (\S+)/.exec(line)?.[1];
    return name !== undefined && isOwn(name, router);
  }
  const [first = ""] = block;
  const map = /^route-map (\S+)/.exec(first)?.[1];
  if (map !== undefined) return isOwn(map, router);
  if (!/^router bgp \d+$/.test(first)) return false;
  const group = /^bgp listen range \S+ peer-group (\S+)/.exec(line)?.[1];
  if (group !== undefined) return isOwn(group, router);
  const neighbour = /^(?:no )?neighbor (\S+)/.exec(line)?.[1];
  if (neighbour !== undefined) return isOwn(neighbour, router) || members.has(neighbour);
  return settings.test(line);
}

/** Running configurations hold passwords in clear text; a comparison shows that there is one, never which. */
function hidden({ block, line }: PlacedLine): PlacedLine {
  return { block, line: line.replace(/^(neighbor \S+ password) .*/, "$1 (hidden)") };
}

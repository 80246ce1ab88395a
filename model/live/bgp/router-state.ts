import { defined, field, list, number, text } from "../../kubernetes/object";
import { type Family, allFamilies } from "../../net/addresses";

/** One path of a route in the router's table. */
export interface RouterPath {
  readonly prefix: string;
  readonly from: string;
  readonly nextHops: readonly string[];
  readonly valid: boolean;
  /** The AS path, as FRR writes it: `65001 65102 65202`, the neighbour first; empty for the router's own and iBGP routes. */
  readonly asPath: string;
}

/** What the router says about one neighbour, and what its log said last. */
interface RouterPeer {
  readonly address: string;
  readonly state: string;
  readonly remoteASN?: number;
  readonly connectionsEstablished?: number;
  /** Why the last session ended, in FRR's words. */
  readonly lastNotification?: string;
}

/** A line of bgpd's log that names a cause; FRR's JSON has none for a session that never came up. */
interface RouterLogLine {
  readonly address: string;
  readonly kind: "bad-peer-as" | "maximum-prefix" | "other";
  readonly text: string;
}

/** What `show bgp … json` said, as far as it was given; an absent part was not asked for. */
export interface RouterState {
  readonly asn?: number;
  readonly peers?: ReadonlyMap<string, RouterPeer>;
  readonly routes?: Readonly<Partial<Record<Family, readonly RouterPath[]>>>;
  readonly log: readonly RouterLogLine[];
}

/** What to run on the router to read everything. */
export const routerCommand =
  "vtysh -c 'show bgp ipv4 unicast json' -c 'show bgp ipv6 unicast json' " +
  "-c 'show bgp summary json' -c 'show bgp neighbors json' -c 'show logging'";

/** Reads FRR's answers in any order, one after the other, with log lines between; undefined when nothing of it is known. */
export function readRouterState(output: string): RouterState | undefined {
  const { documents, rest } = jsonDocuments(output);
  const log = rest.split(/\r?\n/).flatMap(logLine);
  const summaries = documents.flatMap(summariesOf);
  const neighbours = documents.flatMap(neighboursOf);
  const tables = documents.filter((document) => field(document, "routes") !== undefined);
  if (summaries.length === 0 && neighbours.length === 0 && tables.length === 0) return undefined;
  const asn = [
    ...summaries.map((one) => number(one, "as")),
    ...tables.map((one) => number(one, "localAS")),
  ].find((value) => value !== undefined && value > 0);
  const peers = peersOf(summaries, neighbours);
  return {
    ...(asn === undefined ? {} : { asn }),
    ...(summaries.length + neighbours.length === 0 ? {} : { peers }),
    ...(tables.length === 0 ? {} : { routes: routesOf(tables) }),
    log,
  };
}

function jsonDocuments(output: string): { readonly documents: readonly unknown[]; readonly rest: string } {
  const documents: unknown[] = [];
  let rest = "";
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let i = 0; i < output.length; i += 1) {
    const sign = output[i];
    if (depth > 0 && quoted) {
      if (sign === "\\") i += 1;
      else if (sign === '"') quoted = false;
    } else if (depth > 0 && sign === '"') quoted = true;
    else if (sign === "{") {
      if (depth === 0) start = i;
      depth += 1;
    } else if (sign === "}" && depth > 0) {
      depth -= 1;
      if (depth === 0) for (const document of parsed(output.slice(start, i + 1))) documents.push(document);
    } else if (depth === 0) rest += sign ?? "";
  }
  return { documents, rest };
}

function parsed(json: string): readonly unknown[] {
  try {
    return [JSON.parse(json)];
  } catch {
    return [];
  }
}

/** A summary of one family stands alone; one of all families has them by name. */
function summariesOf(document: unknown): readonly unknown[] {
  const parts = ["ipv4Unicast", "ipv6Unicast"].map((key) => field(document, key));
  return [document, ...parts].filter(
    (part) => field(part, "peers") !== undefined && field(part, "peerCount") !== undefined,
  );
}

function neighboursOf(document: unknown): readonly (readonly [string, unknown])[] {
  if (typeof document !== "object" || document === null) return [];
  return Object.entries(document).filter(([, value]) => text(value, "bgpState") !== undefined);
}

function peersOf(
  summaries: readonly unknown[],
  neighbours: readonly (readonly [string, unknown])[],
): ReadonlyMap<string, RouterPeer> {
  const entries = [
    ...summaries.flatMap((summary) =>
      Object.entries((field(summary, "peers") ?? {}) as object).map(
        ([address, peer]: [string, unknown]) => [address, text(peer, "state"), peer] as const,
      ),
    ),
    ...neighbours.map(([address, peer]) => [address, text(peer, "bgpState"), peer] as const),
  ];
  const found = new Map<string, RouterPeer>();
  for (const [address, state, peer] of entries) {
    const before = found.get(address);
    const remoteASN = number(peer, "remoteAs") ?? before?.remoteASN;
    const connections = number(peer, "connectionsEstablished") ?? before?.connectionsEstablished;
    const notification = text(peer, "lastNotificationReason") ?? before?.lastNotification;
    found.set(address, {
      address,
      // The summary says more than the neighbour's own page: "Idle (PfxCt)".
      state: before?.state ?? state ?? "unknown",
      ...defined({ remoteASN, connectionsEstablished: connections, lastNotification: notification }),
    });
  }
  return found;
}

function routesOf(tables: readonly unknown[]): Partial<Record<Family, readonly RouterPath[]>> {
  const paths = tables.flatMap((table) =>
    Object.entries((field(table, "routes") ?? {}) as Record<string, unknown>).flatMap(([prefix, entries]) =>
      (Array.isArray(entries) ? (entries as unknown[]) : []).map((entry): RouterPath => ({
        prefix,
        from: text(entry, "peerId") ?? "",
        asPath: text(entry, "path") ?? "",
        nextHops: list(entry, "nexthops").map((hop) => text(hop, "ip") ?? ""),
        valid: field(entry, "valid") === true,
      })),
    ),
  );
  return Object.fromEntries(
    allFamilies.map((family) => [
      family,
      paths.filter(({ prefix }) => prefix.includes(":") === (family === "ipv6")),
    ]),
  );
}

function logLine(line: string): readonly RouterLogLine[] {
  const notification = /%NOTIFICATION: (?:sent to|received from) neighbor (\S+) (\d+\/\d+)/.exec(line);
  const limit = /%MAXPFXEXCEED\S*:? .*?(?:from|neighbor) ([0-9a-fA-F.:]+)/.exec(line);
  const address = (notification ?? limit)?.[1];
  if (address === undefined) return [];
  const code = notification?.[2];
  const kind = limit !== null || code === "6/1" ? "maximum-prefix" : code === "2/2" ? "bad-peer-as" : "other";
  return [{ address, kind, text: line.slice(line.indexOf("%")).trim() }];
}

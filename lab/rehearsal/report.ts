import { styleText } from "node:util";
import type { ProviderPlugin } from "../plugins";
import type { Router } from "../router";
import type { Toolchain } from "../toolchain";
import { list, text } from "../../model/kubernetes/object";
import { shown } from "../../model/redaction/shown";
import { clock } from "../../model/text/wording";
import { minorVersion } from "../../model/kubernetes/version";
import { polled } from "../../ops/polling";
import type { CiliumMode } from "./cilium-mode";

/** One statement about the finished cluster, and what contradicts it. */
export interface Verdict {
  readonly statement: string;
  /** Empty when it holds. */
  readonly against: readonly string[];
  /** Why the question does not arise; it then neither holds nor fails. */
  readonly notApplicable?: string;
}

/** Cilium's agents report their sessions, and routers their tables, some seconds after the fact. */
const settleSeconds = 30;

/** Repeats a check until nothing contradicts its statement, with a limit; what it waited for is part of the verdict. */
export async function settled(
  check: () => Promise<Verdict>,
  seconds = settleSeconds,
  everySeconds = 0.5,
): Promise<Verdict> {
  const limits = { seconds, everySeconds };
  const { held, reading, waitedSeconds } = await polled(check, ({ against }) => against.length === 0, limits);
  return held
    ? reading
    : { ...reading, statement: `${reading.statement} (waited ${Math.round(waitedSeconds)} s for it)` };
}

type Colour = "green" | "red" | "bold";

/** Prints the progress of the rehearsal: plain lines with elapsed time, coloured on a terminal only. */
export class Narrator {
  constructor(
    private readonly write: (line: string) => void,
    private readonly coloured: boolean,
    private readonly startedAt = Date.now(),
    private readonly about = "",
  ) {}

  /** The same narrator for one of several stacks: its lines begin with that name. */
  named(stack: string): Narrator {
    return new Narrator(this.write, this.coloured, this.startedAt, `${stack}: `);
  }

  /** Seconds since the start. */
  get elapsed(): number {
    return (Date.now() - this.startedAt) / 1000;
  }

  /** A step begins. */
  step(title: string): void {
    this.line("==", title, "bold");
  }

  /** Something holds. */
  holds(text: string): void {
    this.line("ok", text, "green");
  }

  /** Something does not hold. */
  fails(text: string): void {
    for (const part of shown(text).split("\n")) this.line("NO", part, "red");
  }

  /** The engine's own output, without its dots and without what is only about to happen. */
  relay(text: string): void {
    const line = text.trim();
    const noise = line === "" || line.startsWith("@ ") || / (creating|deleting|updating) \(0s\)$/.test(line);
    // A command's own output is cut out of the row in which the engine shows it.
    const output = /^ *\S* +command:local:Command \S+ \w+ \([^)]*\) (.+)$/.exec(line)?.[1];
    if (!noise) this.line("", output ?? text);
  }

  /** Lines without time: tables and instructions. */
  block(lines: readonly string[]): void {
    for (const line of shown(lines.join("\n")).split("\n")) this.write(line);
  }

  private line(mark: string, text: string, colour?: Colour): void {
    const line = `${clock(this.elapsed * 1000)} ${mark.padEnd(3)} ${this.about}${shown(text)}`;
    this.write(this.coloured && colour !== undefined ? styleText(colour, line) : line);
  }
}

/** Columns padded to the widest cell; no trailing blanks. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The stack output `timeline` (`{timeline: [{phase, host?, start, end}], seconds}`) as a table: a row per phase and host, with seconds since the first. */
export function timelineTable(timeline: unknown): string[] {
  const entries = [...list(timeline), ...list(timeline, "timeline")].flatMap((entry) => {
    const [phase, start, end] = [text(entry, "phase"), text(entry, "start"), text(entry, "end")];
    if (phase === undefined || start === undefined || end === undefined) return [];
    return [
      { phase, host: text(entry, "host") ?? "cluster", start: Date.parse(start), end: Date.parse(end) },
    ];
  });
  if (entries.length === 0) return ["the program left no timeline"];
  const zero = Math.min(...entries.map((entry) => entry.start));
  const seconds = (time: number) => ((time - zero) / 1000).toFixed(0);
  const hosts = [...new Set(entries.map((entry) => entry.host))].sort();
  const rows = hosts.flatMap((host) =>
    entries
      .filter((entry) => entry.host === host)
      .sort((a, b) => a.start - b.start)
      .map(({ phase, start, end }) => [
        host,
        phase,
        `${seconds(start)} s`,
        `${seconds(end)} s`,
        `${((end - start) / 1000).toFixed(0)} s`,
      ]),
  );
  return table([["host", "phase", "from", "to", "took"], ...rows]);
}

function simulatedNodes(source: (name: string) => string): string[][] {
  return [
    ["kubelets", "simulated by kwok", source("kwok")],
    ["servers, BMCs, Metal3, Cilium's agents", "simulated", "lab/simulated"],
    ["BGP sessions, the nodes' side", "real", `GoBGP ${source("gobgpd")}`],
  ];
}

function realNodes(
  { versions }: Extract<CiliumMode, { kind: "real" }>,
  source: (name: string) => string,
): string[][] {
  return [
    ["servers, BMCs, Metal3", "simulated", "lab/simulated"],
    [
      "nodes",
      "namespaces of this kernel",
      "links, VLANs and bonds are virtual Ethernet, without LACP and tags",
    ],
    ["kubelets, container runtime", "simulated", `lab/nodes, kwok ${source("kwok")}`],
    ...versions.map((version) => [
      "Cilium's agents, operator, CNI plugin, BGP",
      "real",
      source(`cilium-agent-${minorVersion(version) ?? ""}`),
    ]),
    ["Envoy", "absent", "its pods are shown as running; nothing at layer 7 works"],
    ["containers of other images", "absent", "their pods have a real network and no process"],
  ];
}

/** Which parts of this run were real and which simulated, with their versions and sources. */
export function realAndSimulated(
  tools: Toolchain,
  plugins: readonly ProviderPlugin[],
  routers: readonly Router[],
  cilium: CiliumMode,
): string[] {
  const source = (name: string) => {
    const entry = tools.entries.find((each) => each.name === name);
    return entry === undefined ? "" : `${entry.version} (${entry.from})`;
  };
  const plugin = ({ name, version, kind, source: from }: ProviderPlugin) => [
    `provider plugin ${name}`,
    kind,
    `${version} (${from})`,
  ];
  return table([
    ["part", "in this run", "which"],
    ["Pulumi engine", "real", source("pulumi")],
    ["language host", "real", source("pulumi-language-nodejs")],
    ...plugins.map(plugin),
    ["management and workload API servers", "real", source("kube-apiserver")],
    ["etcd, one per control plane machine", "real", source("etcd")],
    ["kube-vip", "simulated", `where it speaks BGP, GoBGP ${source("gobgpd")} does`],
    ["Cluster API controllers and webhooks", "real", source("capi-core")],
    ["Cilium's manifest", "real chart", source("cilium")],
    ...(cilium.kind === "real" ? realNodes(cilium, source) : simulatedNodes(source)),
    ...routers.map(({ order, software }) => [`router ${order.name}`, "real", software]),
  ]);
}

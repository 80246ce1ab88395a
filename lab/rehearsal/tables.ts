import { list, text } from "../../model/kubernetes/object";
import type { ProviderPlugin } from "../plugins";
import type { Router } from "../router";
import type { Toolchain } from "../toolchain";

/** Columns padded to the widest cell; no trailing blanks. */
export function table(rows: readonly (readonly string[])[]): string[] {
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

/** Which parts of this run were real and which simulated, with their versions and sources. */
export function realAndSimulated(
  tools: Toolchain,
  plugins: readonly ProviderPlugin[],
  routers: readonly Router[],
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
    ["Cluster API controllers and webhooks", "real", source("capi-core")],
    ["Cilium's manifest", "real chart", source("cilium")],
    ["kubelets", "simulated by kwok", source("kwok")],
    ["servers, BMCs, Metal3, Cilium's agents", "simulated", "lab/simulated"],
    ["BGP sessions, the nodes' side", "real", `GoBGP ${source("gobgpd")}`],
    ...routers.map(({ order, software }) => [`router ${order.name}`, "real", software]),
  ]);
}

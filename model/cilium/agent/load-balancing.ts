import type { AgentConfiguration } from "./configuration";
import { type AgentRule, oneOf, when } from "./rule";

/** Sizes that pkg/maglev/maglev.go accepts: primes, each near a power of two. */
const tableSizes = [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071];

/** Load balancing (pkg/loadbalancer/config.go, pkg/maglev/maglev.go and pkg/datapath/xdp/cell.go). */
export const loadBalancing: readonly AgentRule[] = [
  oneOf("bpf-lb-mode", ["snat", "dsr", "hybrid"]),
  oneOf("bpf-lb-algorithm", ["random", "maglev"]),
  oneOf("bpf-lb-acceleration", ["disabled", "native", "best-effort", "testing-only"]),
  oneOf("bpf-lb-dsr-dispatch", ["opt", "ipip", "geneve"], { minors: ["1.20"] }),
  {
    setting: "bpf-lb-maglev-table-size",
    problem: (agent) => {
      const size = agent.text("bpf-lb-maglev-table-size");
      return when(
        size !== undefined && !tableSizes.includes(Number(size)),
        `${size ?? ""} is not one of the table sizes ${tableSizes.join(", ")}`,
      );
    },
    fix: "write one of these: 16381 is the default, 65521 the usual choice for large clusters",
  },
  {
    setting: "bpf-lb-maglev-hash-seed",
    problem: (agent) => {
      const seed = agent.text("bpf-lb-maglev-hash-seed");
      if (seed === undefined) return undefined;
      const isBase64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(seed);
      const bytes = (seed.replaceAll("=", "").length * 3) >> 2;
      if (!isBase64) return "the seed is not base64";
      return when(bytes !== 12, `the seed has ${bytes} bytes, not 12`);
    },
    fix: "write what `head -c12 /dev/urandom | base64 -w0` prints: 16 characters",
  },
  {
    setting: "bpf-lb-map-max",
    problem: (agent) => {
      const size = agent.number("bpf-lb-map-max");
      return when(size !== undefined && size <= 0, `${size ?? ""} leaves no room for services`);
    },
    fix: "remove it: the default is 65536",
  },
  {
    setting: "node-port-range",
    problem: (agent) => {
      const range = agent.text("node-port-range");
      if (range === undefined || range === "") return undefined;
      const ports = range.split(/[, ]/).map(Number);
      const [from = NaN, to = NaN] = ports;
      const valid =
        ports.length === 2 && ports.every((port) => Number.isInteger(port) && port >= 0 && port < 65536);
      return when(!valid || to <= from, `"${range}" is not a lower and a higher port`);
    },
    fix: 'write it as "30000,32767", with the range that the API server has',
  },
  {
    setting: "bpf-lb-mode-annotation",
    problem: (agent) =>
      when(
        agent.on("bpf-lb-mode-annotation") && agent.text("bpf-lb-mode") === "hybrid",
        "services cannot choose their mode where the default is hybrid",
      ),
    fix: "remove it, or write loadBalancer.mode: snat or dsr",
  },
  {
    setting: "enable-nat46x64-gateway",
    problem: (agent) =>
      when(
        agent.on("enable-nat46x64-gateway") && !(agent.on("enable-ipv4") && agent.on("enable-ipv6")),
        "a gateway between the address families needs both in the cluster",
      ),
    fix: "remove it, or give the cluster pod networks of both families",
  },
];

function usesDsr(agent: AgentConfiguration): boolean {
  return (
    agent.on("kube-proxy-replacement") &&
    (["dsr", "hybrid"].includes(agent.text("bpf-lb-mode") ?? "") ||
      (agent.on("bpf-lb-mode-annotation") && agent.minor !== "1.20"))
  );
}

function modeOf(agent: AgentConfiguration): string {
  return agent.on("bpf-lb-mode-annotation") ? "a mode per service" : `"${agent.text("bpf-lb-mode") ?? ""}"`;
}

/** Direct server return (pkg/kpr/initializer/kube_proxy_replacement.go, in 1.18 daemon/cmd). */
export const directServerReturn: readonly AgentRule[] = [
  {
    setting: "bpf-lb-mode",
    problem: (agent) =>
      when(
        agent.tunnels &&
          usesDsr(agent) &&
          !(agent.text("tunnel-protocol") === "geneve" && agent.text("bpf-lb-dsr-dispatch") === "geneve"),
        `${modeOf(agent)} goes through a tunnel only with tunnelProtocol geneve and dsrDispatch geneve`,
      ),
    fix: "write both, or loadBalancer.mode: snat, or routingMode: native",
  },
  {
    setting: "bpf-lb-dsr-dispatch",
    problem: (agent) =>
      when(
        !agent.tunnels &&
          usesDsr(agent) &&
          agent.text("bpf-lb-dsr-dispatch") === "geneve" &&
          agent.text("tunnel-protocol") !== "geneve",
        `packets to the backend cannot be encapsulated in geneve while tunnelProtocol is ${agent.text("tunnel-protocol") ?? ""}`,
      ),
    fix: "write cilium.tunnelProtocol: geneve, or loadBalancer.dsrDispatch: opt",
  },
  {
    setting: "bpf-lb-dsr-dispatch",
    minors: ["1.18"],
    problem: (agent) =>
      when(
        usesDsr(agent) &&
          agent.text("bpf-lb-dsr-dispatch") === "ipip" &&
          agent.text("bpf-lb-acceleration") === "disabled",
        "ipip needs XDP acceleration",
      ),
    fix: "write loadBalancer.acceleration: native, or loadBalancer.dsrDispatch: opt",
  },
  {
    setting: "bpf-lb-acceleration",
    problem: (agent) =>
      when(
        agent.on("kube-proxy-replacement") &&
          agent.tunnels &&
          agent.underlay === "ipv6" &&
          agent.text("bpf-lb-acceleration") !== "disabled",
        "XDP acceleration does not work where tunnels run over IPv6",
      ),
    fix: "remove it, or underlayProtocol: ipv6",
  },
];

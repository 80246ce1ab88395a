import { type AgentRule, oneOf, when } from "./rule";

function between(setting: string, least: number, most: number): AgentRule {
  return {
    setting,
    problem: (agent) => {
      const found = agent.number(setting);
      return when(
        found !== undefined && (found < least || found > most),
        `${found ?? ""} is not between ${least} and ${most}`,
      );
    },
    fix: `write a number between ${least} and ${most}, or remove it`,
  };
}

const anyCase = { ignoresCase: true };

const aggregation = ["none", "lowest", "low", "medium", "maximum"];
/** Entries of the tables of connections and addresses (pkg/option/config.go). */
const [leastEntries, mostEntries] = [1024, 16_777_216];

/** Sizes and words of single settings (pkg/option/config.go, pkg/mtu/cell.go, operator/cmd/root.go). */
export const sizesAndWords: readonly AgentRule[] = [
  between("bpf-auth-map-max", 256, mostEntries),
  between("bpf-ct-global-tcp-max", leastEntries, mostEntries),
  between("bpf-ct-global-any-max", leastEntries, mostEntries),
  between("bpf-nat-global-max", leastEntries, mostEntries),
  {
    setting: "bpf-nat-global-max",
    problem: (agent) => {
      const [nat, tcp, any] = ["bpf-nat-global-max", "bpf-ct-global-tcp-max", "bpf-ct-global-any-max"].map(
        (setting) => agent.number(setting),
      );
      if (nat === undefined || tcp === undefined || any === undefined) return undefined;
      // The agent corrects its own default.
      return when(
        nat !== 524_288 && nat > tcp + any,
        `${nat} is more than bpf.ctTcpMax and bpf.ctAnyMax together (${tcp + any})`,
      );
    },
    fix: "write two thirds of their sum, or remove it",
  },
  {
    setting: "bpf-map-dynamic-size-ratio",
    problem: (agent) => {
      const ratio = agent.number("bpf-map-dynamic-size-ratio");
      return when(
        ratio !== undefined && (ratio < 0 || ratio > 1),
        `${ratio ?? ""} is not a share of the memory`,
      );
    },
    fix: "write a number above 0 and up to 1; the default is 0.0025",
  },
  {
    setting: "bpf-events-default-rate-limit",
    problem: (agent) => {
      const [rate = 0, burst = 0] = ["rate", "burst"].map((each) =>
        agent.number(`bpf-events-default-${each}-limit`),
      );
      return when(rate > 0 !== burst > 0, "a rate limit and a burst limit need each other");
    },
    fix: "write bpf.events.default.rateLimit and bpf.events.default.burstLimit, or neither",
  },
  oneOf("monitor-aggregation", [...aggregation, "disabled", "max", "0", "1", "2", "3", "4"], anyCase),
  oneOf("service-no-backend-response", ["reject", "drop"], anyCase),
  oneOf("policy-deny-response", ["none", "icmp"], { ...anyCase, minors: ["1.19", "1.20"] }),
  oneOf("packetization-layer-pmtud-mode", ["blackhole", "always", "disabled", "unset"], {
    ...anyCase,
    minors: ["1.19", "1.20"],
  }),
  {
    setting: "vlan-bpf-bypass",
    problem: (agent) => {
      const wrong = (agent.text("vlan-bpf-bypass") ?? "")
        .split(/[\s,]+/)
        .filter((id) => id !== "" && !/^\d+$/.test(id));
      return when(wrong.length > 0, `"${wrong.join(" ")}" is not a VLAN number`);
    },
    fix: "write numbers: [184], or [0] for all VLANs",
  },
  {
    setting: "cilium-endpoint-gc-interval",
    problem: (agent) =>
      when(
        /^[^1-9]+$/.test(agent.text("cilium-endpoint-gc-interval") ?? ""),
        "the operator exits when endpoints are never collected",
      ),
    fix: "remove it; the default is 5m0s",
  },
];

import type { Host, Stack } from "../../stack/schema";
import { nodeLinkOf } from "../../plan/node-link";
import { type Check, type CheckResults, defineCheck } from "../check";
import { linksOf } from "../links/interfaces";
import { isOn, quoted, userValue, value } from "./values";

/** Keys of cilium.values that have no effect because of another setting. */
interface Idle {
  readonly keys: readonly string[];
  readonly idle: (stack: Stack) => boolean;
  readonly because: string;
  readonly fix: string;
}

const on = (stack: Stack, path: string) => isOn(value(stack, path));

/** From the chart's templates (which render a feature's keys only with the feature) and the agents' warnings, 1.18 to 1.20. */
const idleKeys: readonly Idle[] = [
  {
    keys: ["bandwidthManager.bbr", "bandwidthManager.bbrHostNamespaceOnly"],
    idle: (stack) => !on(stack, "bandwidthManager.enabled"),
    because: "bandwidthManager.enabled is off",
    fix: "write bandwidthManager.enabled: true, or remove it",
  },
  {
    keys: ["bandwidthManager.bbr"],
    idle: (stack) =>
      on(stack, "bandwidthManager.enabled") &&
      !on(stack, "bandwidthManager.bbrHostNamespaceOnly") &&
      !bpfHostRouting(stack),
    because: "BBR needs BPF host routing, which the agent disables when iptables does the masquerading",
    fix: "write bpf.masquerade: true, or remove it",
  },
  {
    keys: ["maglev.tableSize", "maglev.hashSeed"],
    idle: (stack) =>
      value(stack, "loadBalancer.algorithm") !== "maglev" && !on(stack, "bpf.lbAlgorithmAnnotation"),
    because: "loadBalancer.algorithm is not maglev",
    fix: "write loadBalancer.algorithm: maglev, or remove it",
  },
  {
    keys: ["loadBalancer.dsrDispatch"],
    idle: (stack) =>
      !["dsr", "hybrid"].includes(String(value(stack, "loadBalancer.mode"))) &&
      !on(stack, "bpf.lbModeAnnotation"),
    because: "loadBalancer.mode is not dsr or hybrid",
    fix: "write loadBalancer.mode: dsr or hybrid, or remove it",
  },
  {
    keys: ["encryption.nodeEncryption"],
    idle: (stack) => !on(stack, "encryption.enabled"),
    because: "encryption.enabled is off",
    fix: "write encryption.enabled: true with a type, or remove it",
  },
  {
    keys: ["socketLB.hostNamespaceOnly", "socketLB.terminatePodConnections", "socketLB.tracing"],
    idle: (stack) => !on(stack, "kubeProxyReplacement") && !on(stack, "socketLB.enabled"),
    because: "services are not translated at sockets: kubeProxyReplacement and socketLB.enabled are off",
    fix: "write socketLB.enabled: true, or remove it",
  },
];

/** Bonds into which the kernel loads XDP programs (bond_xdp_check in drivers/net/bonding/bond_main.c). */
const xdpModes = ["balance-rr", "active-backup", "balance-xor", "802.3ad"];

/** Checks of Helm values whose effect depends on other settings. */
export const featureChecks: readonly Check[] = [
  defineCheck({
    id: "cilium/settings-take-effect",
    summary: "Helm values belong to features that are on.",
    why: "the chart does not render the value, or the agent only logs that it ignores it",
    severity: "warning",
    run: (stack) =>
      idleKeys.flatMap(({ keys, idle, because, fix }): CheckResults => {
        if (!idle(stack)) return [];
        return keys.flatMap((key) => {
          const set = userValue(stack, key);
          return set === undefined || set === false || set === null
            ? []
            : [{ at: `cilium.values.${key}`, problem: `${quoted(set)} has no effect: ${because}`, fix }];
        });
      }),
  }),
  // Ports and some bonds can load XDP programs; the kernel's VLAN device cannot.
  defineCheck({
    id: "cilium/xdp-fits-devices",
    summary: "Native XDP acceleration is set only for devices that support it.",
    why: "the agent cannot load its XDP program and retries indefinitely: no pod gets a network",
    run: (stack) => {
      if (value(stack, "loadBalancer.acceleration") !== "native") return [];
      const unfit = new Map<string, string[]>();
      for (const [i, host] of stack.hosts.entries()) {
        for (const device of devicesOf(stack, host, i)) {
          const reason = unfitness(host, device);
          if (reason !== undefined) unfit.set(reason, [...(unfit.get(reason) ?? []), host.name]);
        }
      }
      if (unfit.size === 0) return [];
      const found = [...unfit].map(([reason, hosts]) => `${reason} (${shortList(hosts)})`);
      return {
        at: "cilium.values.loadBalancer.acceleration",
        problem: `"native" cannot be loaded: ${found.join("; ")}`,
        fix: "write best-effort or disabled, or give nodes their address on a port or a bond without a VLAN",
      };
    },
  }),
];

/**
 * The agent falls back to the host's network stack with iptables masquerading or kube-proxy (pkg/kpr/initializer). It does so
 * after the bandwidth manager was started, which therefore refuses only a configured fallback (start hooks of 1.18 to 1.20).
 */
function bpfHostRouting(stack: Stack): boolean {
  const masquerades = ([4, 6] as const).some(
    (family) => on(stack, `ipv${family}.enabled`) && value(stack, `enableIPv${family}Masquerade`) !== false,
  );
  // cilium/bandwidth-consistent reports a setting that disables it.
  if (on(stack, "bpf.hostLegacyRouting")) return true;
  return on(stack, "kubeProxyReplacement") && (on(stack, "bpf.masquerade") || !masquerades);
}

/** The devices of `devices` in cilium.values, else the one that carries the node's address. */
function devicesOf(stack: Stack, host: Host, i: number): readonly string[] {
  const chosen = value(stack, "devices");
  const patterns = (Array.isArray(chosen) ? chosen : typeof chosen === "string" ? chosen.split(/[\s,]+/) : [])
    .map(String)
    .filter((each) => each !== "");
  if (patterns.length === 0) return [nodeLinkOf(host)].flatMap((name) => name ?? []);
  return linksOf(host, i)
    .map(({ name }) => name)
    .filter((name) =>
      patterns.some((each) => (each.endsWith("+") ? name.startsWith(each.slice(0, -1)) : name === each)),
    );
}

function unfitness(host: Host, device: string): string | undefined {
  if (host.vlans.some(({ name }) => name === device)) return `${device} is a VLAN`;
  const bond = host.bonds.find(({ name }) => name === device);
  if (bond === undefined || xdpModes.includes(bond.mode)) return undefined;
  return `${device} is a bond in mode ${bond.mode}`;
}

function shortList(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(", ")
    : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more hosts`;
}

import type { Stack } from "../../config/schema";
import { type CheckResult, defineCheck } from "../check";
import { isOn, quoted, userValue, value } from "./user-values";

/** Keys of cilium.values that do nothing as long as another setting is as it is. */
interface Idle {
  readonly keys: readonly string[];
  readonly idle: (stack: Stack) => boolean;
  readonly because: string;
  readonly fix: string;
}

const on = (stack: Stack, path: string) => isOn(value(stack, path));

/** From the chart's templates (a feature's keys are rendered only with it) and the agents' own warnings, 1.18 to 1.20. */
const table: readonly Idle[] = [
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
    because: "BBR needs BPF host routing, which the agent leaves when masquerading is done by iptables",
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

/**
 * The agent falls back to the host's own stack with iptables masquerading or kube-proxy (pkg/kpr/initializer). It does so
 * after the bandwidth manager has looked, which therefore refuses only what is configured so (start hooks of 1.18 to 1.20).
 */
function bpfHostRouting(stack: Stack): boolean {
  const masquerades = ([4, 6] as const).some(
    (family) => on(stack, `ipv${family}.enabled`) && value(stack, `enableIPv${family}Masquerade`) !== false,
  );
  // A setting that switches it off is refused by the agent itself: cilium/bandwidth-consistent.
  if (on(stack, "bpf.hostLegacyRouting")) return true;
  return on(stack, "kubeProxyReplacement") && (on(stack, "bpf.masquerade") || !masquerades);
}

export const settingsTakeEffect = defineCheck({
  id: "cilium/settings-take-effect",
  severity: "warning",
  why: "the chart does not render it, or the agent only logs that it goes without",
  run: (stack) =>
    table.flatMap(({ keys, idle, because, fix }): CheckResult[] => {
      if (!idle(stack)) return [];
      return keys.flatMap((key) => {
        const set = userValue(stack, key);
        return set === undefined || set === false || set === null
          ? []
          : [{ at: `cilium.values.${key}`, problem: `${quoted(set)} has no effect: ${because}`, fix }];
      });
    }),
});

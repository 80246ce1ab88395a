import type { CiliumPlan } from "../../plan/plan";
import { renderedConfiguration } from "../agent/configuration";
import { refusals } from "../agent/rule";
import { agentSubjects } from "../agent/subjects";
import { configOf, quoted } from "./anatomy";
import { type Proof, type ProofDefinition, type ProofResults, defineProof } from "./proof";
import { minorVersion } from "../../kubernetes/version";

/** A proof's run on the data of cilium-config; render/workloads-present reports that it is missing. */
export function onConfiguration(
  run: (config: Readonly<Record<string, unknown>>, plan: CiliumPlan) => ProofResults,
): ProofDefinition["run"] {
  return (render, plan) => {
    const config = configOf(render);
    return config === undefined ? [] : run(config, plan);
  };
}

/** A setting of cilium-config that must have the value that the plan relies on. */
interface WantedSetting extends Omit<ProofDefinition, "run"> {
  /** Key of cilium-config. */
  readonly setting: string;
  /** The value that it must have; undefined: any value is fine for this plan. */
  readonly wanted: (plan: CiliumPlan) => string | undefined;
  /** A setting without which this one has no effect; another proof reports that it is missing. */
  readonly given?: { readonly setting: string; readonly value?: string };
  /** Key of `cilium.values` that sets it. */
  readonly key: string;
  /** What to do instead of removing the key. */
  readonly fix?: (wanted: string) => string;
}

/** A proof of one setting of cilium-config. */
export function configValue({ setting, wanted: wantedBy, given, key, fix, ...proof }: WantedSetting): Proof {
  return defineProof({
    ...proof,
    run: onConfiguration((config, plan) => {
      const wanted = wantedBy(plan);
      if (wanted === undefined || config[setting] === wanted) return [];
      const base = given === undefined ? undefined : config[given.setting];
      if (given !== undefined && (base === undefined || base !== (given.value ?? base))) return [];
      return {
        key,
        problem: `cilium-config: ${setting} is ${quoted(config[setting])}, not "${wanted}"`,
        fix: fix?.(wanted) ?? `remove ${key} from cilium.values`,
      };
    }),
  });
}

/** Proofs of what the agent and its operator read in cilium-config. */
export const configurationProofs: readonly Proof[] = [
  configValue({
    id: "render/kube-proxy-replaced",
    summary: "kube-proxy replacement is set as planned.",
    why: "kubeadm installs kube-proxy exactly when Cilium does not replace it; without either no Service works",
    setting: "kube-proxy-replacement",
    wanted: ({ kubeProxyReplacement }) => String(kubeProxyReplacement),
    key: "kubeProxyReplacement",
    fix: (wanted) => `write kubeProxyReplacement: ${wanted} in cilium.values`,
  }),
  defineProof({
    id: "render/crds-created",
    summary: "The operator creates the CRDs.",
    why: "the agents wait for CRDs that only the operator creates",
    run: onConfiguration((config) =>
      ["", "false", undefined].includes(config["skip-crd-creation"] as string | undefined)
        ? []
        : {
            key: "operator.skipCRDCreation",
            problem:
              "cilium-config: skip-crd-creation is set, and the agents wait for CRDs that are never created",
            fix: "remove operator.skipCRDCreation from cilium.values",
          },
    ),
  }),
  defineProof({
    id: "render/identities-in-crds",
    summary: "Identities are stored in CRDs.",
    why: "any other store for identities is an etcd that must exist before the cluster does",
    run: onConfiguration((config) => {
      const mode = config["identity-allocation-mode"];
      const store = config["kvstore"];
      if (mode === "crd" && store === undefined) return [];
      return {
        key: "identityAllocationMode",
        problem: `cilium-config: identity-allocation-mode is ${quoted(mode)}, kvstore is ${quoted(store)}`,
        fix: "remove identityAllocationMode and etcd from cilium.values",
      };
    }),
  }),
  configValue({
    id: "render/node-marked-ready",
    summary: "Cilium clears the condition NetworkUnavailable.",
    why: "the node keeps its condition NetworkUnavailable, and nothing is scheduled on it",
    setting: "set-cilium-is-up-condition",
    wanted: () => "true",
    key: "operator.setNodeNetworkStatus",
  }),
  configValue({
    id: "render/taints-removed",
    summary: "Cilium removes its taint from nodes that are ready.",
    why: "nodes that start with the taint of a missing agent keep it, and CoreDNS is never scheduled",
    setting: "remove-cilium-node-taints",
    wanted: () => "true",
    key: "operator.removeNodeTaints",
  }),
  defineProof({
    id: "render/taint-key-matches",
    summary: "Cilium removes the taint that nodes start with.",
    why: "a node that starts with a taint of another name keeps it, and nothing is scheduled there",
    run: onConfiguration((config, { nodeTaints }) => {
      const key = config["agent-not-ready-taint-key"];
      return nodeTaints
        .filter((taint) => /cilium.*not-ready$/.test(taint) && taint !== key)
        .map((taint) => ({
          key: "agentNotReadyTaintKey",
          problem: `cilium-config: agent-not-ready-taint-key is ${quoted(key)}, and nodes start with the taint ${taint}`,
          fix: `write agentNotReadyTaintKey: ${taint} in cilium.values`,
        }));
    }),
  }),
  configValue({
    id: "render/cluster-name",
    summary: "Cilium's cluster name is the stack's.",
    why: "metrics, flows and a cluster mesh would show another name than the stack's",
    setting: "cluster-name",
    wanted: ({ clusterName }) => clusterName,
    key: "cluster.name",
    fix: () => "remove cluster.name from cilium.values, and set the name of the stack",
  }),
  defineProof({
    id: "render/cluster-id",
    summary: "The cluster ID is valid in a cluster mesh.",
    why: "the agent exits at its start with an invalid cluster ID",
    run: onConfiguration((config) => {
      const limit = config["max-connected-clusters"] === "511" ? 511 : 255;
      const id = config["cluster-id"];
      if (typeof id === "string" && /^\d+$/.test(id) && Number(id) <= limit) return [];
      return {
        key: "cluster.id",
        problem: `cilium-config: cluster-id is ${quoted(id)}, not a number from 0 to ${limit}`,
        fix: "write cluster.id: 0 in cilium.values, or remove it; other numbers are for a cluster mesh",
      };
    }),
  }),
  configValue({
    id: "render/bgp-enabled",
    summary: "BGP is on where the stack configures sessions.",
    why: "the operator registers the BGP kinds only when BGP is on, and this stack configures sessions",
    setting: "enable-bgp-control-plane",
    wanted: ({ bgp }) => (bgp === undefined ? undefined : "true"),
    key: "bgpControlPlane.enabled",
  }),
  configValue({
    id: "render/bgp-status-reported",
    summary: "The agents report the state of BGP sessions.",
    why: "without status reports it is unknown whether a session is established, and this stack waits for that",
    setting: "enable-bgp-control-plane-status-report",
    given: { setting: "enable-bgp-control-plane", value: "true" },
    wanted: ({ bgp }) => (bgp === undefined ? undefined : "true"),
    key: "bgpControlPlane.statusReport.enabled",
    fix: () => "remove bgpControlPlane.statusReport from cilium.values",
  }),
  configValue({
    id: "render/bgp-secrets-readable",
    summary: "BGP passwords are in the namespace that the agents read.",
    why: "the agents read BGP passwords from one namespace only; elsewhere they use an empty password",
    setting: "bgp-secrets-namespace",
    given: { setting: "enable-bgp-control-plane", value: "true" },
    wanted: ({ bgp }) => bgp?.secretsNamespace,
    key: "bgpControlPlane.secretsNamespace.name",
    fix: () => "remove bgpControlPlane.secretsNamespace from cilium.values",
  }),
  defineProof({
    id: "render/agent-starts",
    summary: "The agent accepts its configuration.",
    why: "the agent exits at its start with an error, never loads its datapath, or drops traffic that it should carry, on every node",
    run: onConfiguration((config, { version, network, values }) => {
      const agent = renderedConfiguration(config, {
        minor: minorVersion(version),
        nodes: network.nodes,
        values,
      });
      return agentSubjects.flatMap(({ rules }) => refusals(agent, rules));
    }),
  }),
];

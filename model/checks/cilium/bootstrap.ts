import { ciliumBgp } from "../../bgp/endpoint";
import { folderProblem } from "../../stack/project-paths";
import { type Check, defineCheck } from "../check";
import { leastWorkers } from "../../plan/machines";
import { isOn, quoted, userValue, value } from "./values";
import { minorOf } from "../../kubernetes/version";
import { counted } from "../../text/wording";

/** Values that break a bootstrap, and the effect of each. */
const breaking: readonly (readonly [path: string, value: unknown, effect: string])[] = [
  ["agent", false, "no agent runs, and no node becomes ready"],
  ["operator.enabled", false, "Cilium's kinds are never registered, and the agents wait for them"],
  ["operator.hostNetwork", false, "the operator waits for the network that it is meant to set up"],
  ["operator.skipCRDCreation", true, "Cilium's kinds are never registered, and the agents wait for them"],
  ["operator.removeNodeTaints", false, "new nodes keep their taint, and nothing is scheduled"],
  ["operator.setNodeNetworkStatus", false, "nodes keep the condition NetworkUnavailable"],
  ["cni.install", false, "the kubelet finds no network plugin, and no node becomes ready"],
  ["cni.customConf", true, "the plugin's configuration is not written, and no node becomes ready"],
  ["identityAllocationMode", "kvstore", "the agents wait for an etcd that does not exist"],
];

/** Values that the BGP step and the wait for its sessions depend on. */
const needed: readonly (readonly [path: string, wanted: unknown, effect: string])[] = [
  ["bgpControlPlane.enabled", true, "the operator never registers the BGP kinds"],
  ["bgpControlPlane.statusReport.enabled", true, "no node reports whether its sessions are established"],
  [
    "bgpControlPlane.secretsNamespace.name",
    "kube-system",
    "the agents look for passwords in the wrong namespace, and start sessions without",
  ],
];

/** Checks of the Helm values that a new cluster needs before its first node is ready. */
export const bootstrapChecks: readonly Check[] = [
  defineCheck({
    id: "cilium/bootstrap-values-kept",
    summary: "No Helm value breaks the bootstrap.",
    why: "the cluster cannot come up, and the update waits until its timeout",
    acceptable: false,
    run: (stack) =>
      breaking.flatMap(([path, value, effect]) =>
        userValue(stack, path) !== value
          ? []
          : [{ at: `cilium.values.${path}`, problem: `with ${quoted(value)} ${effect}`, fix: "remove it" }],
      ),
  }),
  defineCheck({
    id: "cilium/bgp-values-kept",
    summary: "No Helm value disables what the BGP step needs.",
    why: "the BGP step would wait until its timeout",
    acceptable: false,
    run: (stack) =>
      ciliumBgp(stack) === undefined
        ? []
        : needed.flatMap(([path, wanted, effect]) => {
            const set = userValue(stack, path);
            // cilium/values-typed reports another type.
            if (typeof set !== typeof wanted || set === wanted) return [];
            return {
              at: `cilium.values.${path}`,
              problem: `with ${quoted(set)} ${effect}`,
              fix: "remove it, or remove bgp from the stack file",
            };
          }),
  }),
  defineCheck({
    id: "cilium/api-endpoint-same",
    summary: "Cilium's address of the API server is the control plane endpoint.",
    why: "without kube-proxy Cilium reaches the API only at the control plane endpoint; otherwise the first node never becomes ready (dial tcp 10.96.0.1:443: i/o timeout)",
    acceptable: false,
    run: (stack) => {
      const { host, port } = stack.kubernetes.endpoint;
      return [
        { path: "k8sServiceHost", wanted: host },
        { path: "k8sServicePort", wanted: String(port) },
      ].flatMap(({ path, wanted }) => {
        const set = userValue(stack, path);
        if (set === undefined || String(set) === wanted) return [];
        return {
          at: `cilium.values.${path}`,
          problem: `${quoted(set)} is not the control plane endpoint's "${wanted}"`,
          fix: "remove it; it follows kubernetes.endpoint",
        };
      });
    },
  }),
  defineCheck({
    id: "cilium/chart-in-project",
    summary: "The chart is in a folder of its own inside the project.",
    why: "a chart elsewhere, or among files that count as something else, could change without any pull request showing its effect",
    acceptable: false,
    run: ({ cilium: { chartDirectory } }) => {
      const wrong = chartDirectory === undefined ? undefined : folderProblem(chartDirectory);
      if (wrong === undefined) return [];
      return {
        at: "cilium.chartDirectory",
        problem: `${quoted(chartDirectory)} ${wrong.problem}`,
        fix: `write ${wrong.write ?? "a relative path such as charts/cilium, and commit the unpacked chart there"}`,
        ...(wrong.write === undefined ? {} : { write: wrong.write }),
      };
    },
  }),
  defineCheck({
    id: "cilium/cni-path-absolute",
    summary: "The folder of the CNI plugins is an absolute path.",
    why: "the agent can mount only an absolute path of the host, and no node becomes ready",
    acceptable: false,
    run: ({ image: { cniBinaryPath } }) =>
      /^\/[^\s]*[^\s/]$/.test(cniBinaryPath)
        ? []
        : {
            at: "image.cniBinaryPath",
            problem: `"${cniBinaryPath}" is not an absolute path of a folder`,
            fix: "write the path of the image's container runtime, such as /opt/cni/bin",
          },
  }),
  defineCheck({
    id: "cilium/cni-exclusive",
    summary: "Cilium disables the CNI configurations of other plugins.",
    why: "a configuration that the image contains may come first by name, and pods get a network that no other node has",
    severity: "warning",
    run: (stack) =>
      userValue(stack, "cni.exclusive") === false
        ? {
            at: "cilium.values.cni.exclusive",
            problem: "false leaves other network plugins' configurations in /etc/cni/net.d",
            fix: "remove it, except for a meta plugin such as Multus",
          }
        : [],
  }),
  defineCheck({
    id: "cilium/encryption-bootstraps",
    summary: "Encryption needs no key before the first node is ready.",
    why: "agents wait for keys that do not exist yet, before the first node is ready",
    acceptable: false,
    run: (stack) =>
      isOn(value(stack, "encryption.enabled")) && (value(stack, "encryption.type") ?? "ipsec") === "ipsec"
        ? {
            at: "cilium.values.encryption.type",
            problem: "ipsec mounts the Secret cilium-ipsec-keys, which does not exist in a new cluster",
            fix: "write wireguard, whose keys the agents generate themselves",
          }
        : [],
  }),
  defineCheck({
    id: "cilium/hubble-certificates-stable",
    summary: "Hubble's certificates are not generated at every render.",
    why: "Helm generates new keys at every render, so every preview differs and every update replaces them",
    acceptable: false,
    run: (stack) => {
      const tls = ["hubble.tls.enabled", "hubble.tls.auto.enabled"].every(
        (path) => value(stack, path) !== false,
      );
      if (!isOn(value(stack, "hubble.enabled")) || !tls) return [];
      const method = value(stack, "hubble.tls.auto.method") ?? "helm";
      const at = "cilium.values.hubble.tls.auto.method";
      if (method === "helm")
        return [{ at, problem: `with ${quoted(method)} every render differs`, fix: "write cronJob" }];
      // Before 1.19 the first certificates come from a Helm hook, which the Cilium CLI does not print.
      if (method !== "cronJob" || minorOf(stack.cilium.version) >= 19) return [];
      return {
        at,
        problem: `with Cilium ${stack.cilium.version} the first certificates come from a hook that is not in the render`,
        fix: "use Cilium 1.19, or write hubble.tls.enabled: false",
      };
    },
  }),
  defineCheck({
    id: "cilium/operator-replicas-fit",
    summary: "The operator has at most one replica per node.",
    why: "two operators never share a node, so an extra replica stays pending and the rollout never completes",
    run: (stack) => {
      const set = userValue(stack, "operator.replicas");
      const nodes = stack.controlPlane.replicas + leastWorkers(stack);
      if (typeof set !== "number" || (set >= 1 && set <= nodes)) return [];
      return {
        at: "cilium.values.operator.replicas",
        problem: `${set} operators for ${counted(nodes, "node")}`,
        fix: `remove it, or write a number from 1 to ${nodes}`,
      };
    },
  }),
];

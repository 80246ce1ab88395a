import { counted } from "../../text/wording";
import { field, list, number, text } from "../../kubernetes/object";
import { agent, configOf, containersOf, objectOf, operator, quoted, workloadsOf } from "./anatomy";
import { type Proof, defineProof } from "./proof";

const needed = [
  { ...agent, key: "agent" },
  { ...operator, key: "operator.enabled" },
  { kind: "ConfigMap", name: "cilium-config", key: "agent" },
];

/** Settings that other proofs require to be absent, so they are not among the keys of cilium-config. */
const absentSettings = ["skip-crd-creation", "kvstore", "k8s-api-server", "k8s-api-server-urls"];

/** Proofs of the pods that run before there is a network. */
export const workloadProofs: readonly Proof[] = [
  defineProof({
    id: "render/workloads-present",
    summary: "The agent, its operator and their configuration are in the render.",
    why: "without them no node becomes ready",
    run: (render) =>
      needed
        .filter(({ kind, name }) => objectOf(render, kind, name) === undefined)
        .map(({ kind, name, key }) => ({
          key,
          problem: `the render has no ${kind} ${name}, so no node would ever become ready`,
          fix: "remove agent and operator.enabled from cilium.values",
        })),
  }),
  defineProof({
    id: "render/version-matches",
    summary: "The images are of the stack's Cilium version.",
    why: "upgrades, checks and diffs are based on the version in the stack file",
    run: (render, { version }) =>
      workloadsOf(render, [agent, operator]).flatMap(({ place, pod, values }) =>
        list(pod, "containers").flatMap((container) => {
          const [, tag, digest] = /^[^@]*?(?::([^/:@]+))?(@.*)?$/.exec(text(container, "image") ?? "") ?? [];
          // Neither a digest alone nor a name of one's own shows the version; "latest" and "v1.19" are other images later.
          const isMoving = digest === undefined && (tag ?? "latest") === "latest";
          const isOther = /^v\d+\.\d+(\D|$)/.test(tag ?? "") && tag !== `v${version}`;
          if (!isMoving && !isOther) return [];
          return {
            key: `${values}image.tag`,
            problem: `${place} runs ${tag ?? "an image without a tag"}, the stack has cilium.version "${version}"`,
            fix: "write the version of the chart into cilium.version, and remove image tags from cilium.values",
          };
        }),
      ),
  }),
  defineProof({
    id: "render/operator-replicas-fit",
    summary: "The operator has at least one replica and at most one per node.",
    why: "without an operator there are no CRDs; an extra replica stays pending, and the rollout never ends",
    run: (render, { machines }) =>
      workloadsOf(render, [operator]).flatMap(({ object, place }) => {
        const replicas = number(object, "spec", "replicas") ?? 1;
        const nodes = machines.controlPlane + machines.workers;
        if (replicas >= 1 && replicas <= nodes) return [];
        return {
          key: "operator.replicas",
          problem: `${place} has ${replicas} replicas, each on its own node; this cluster has ${counted(nodes, "node")}`,
          fix: `write ${Math.min(2, nodes)}, or remove operator.replicas from cilium.values`,
        };
      }),
  }),
  defineProof({
    id: "render/host-network",
    summary: "Cilium's pods use the host's network.",
    why: "a pod without the host's network waits for the CNI that it is meant to provide",
    run: (render) =>
      workloadsOf(render)
        .filter(({ pod }) => field(pod, "hostNetwork") !== true)
        .map(({ place, values }) => ({
          ...(values === "operator." ? { key: "operator.hostNetwork" } : {}),
          problem: `${place} does not use the host's network, so it would wait for the CNI that it is meant to provide`,
          fix:
            values === "operator."
              ? "remove operator.hostNetwork from cilium.values"
              : "use the released chart: no key of it changes this (cilium.chartDirectory)",
        })),
  }),
  defineProof({
    id: "render/priority-class",
    summary: "Cilium's pods have a system priority class.",
    why: "without a system priority the network's own pods are evicted, or stay pending on a full node",
    run: (render) =>
      workloadsOf(render).flatMap(({ kind, place, pod, values }) => {
        const allowed = [
          "system-node-critical",
          ...(kind === "Deployment" ? ["system-cluster-critical"] : []),
        ];
        const found = text(pod, "priorityClassName");
        if (found !== undefined && allowed.includes(found)) return [];
        return {
          key: `${values}priorityClassName`,
          problem: `${place}: priorityClassName is ${quoted(found)}, not ${allowed.join(" or ")}`,
          fix: `remove ${values}priorityClassName from cilium.values`,
        };
      }),
  }),
  defineProof({
    id: "render/node-dns",
    summary: "Cilium's pods use the node's name servers.",
    why: "the cluster's own DNS is a pod that needs Cilium first",
    run: (render) =>
      workloadsOf(render).flatMap(({ place, pod, values }) => {
        const policy = text(pod, "dnsPolicy") ?? "Default";
        // A pod on the host's network with ClusterFirst uses the node's name servers, too.
        if (policy === "Default" || policy === "ClusterFirst") return [];
        return {
          key: `${values}dnsPolicy`,
          problem: `${place}: dnsPolicy is "${policy}", so its names are resolved by CoreDNS`,
          fix: `remove ${values}dnsPolicy from cilium.values, so that the node's name servers are used`,
        };
      }),
  }),
  defineProof({
    id: "render/no-proxy-wait",
    summary: "The agent does not wait for kube-proxy where there is none.",
    why: "the agent would wait indefinitely for the rules of a kube-proxy that is not installed",
    run: (render, plan) =>
      workloadsOf(render, [agent])
        .filter(({ pod }) =>
          list(pod, "initContainers").some((each) => text(each, "name") === "wait-for-kube-proxy"),
        )
        .filter(() => plan.kubeProxyReplacement)
        .map(({ place }) => ({
          key: "waitForKubeProxy",
          problem: `${place} has the init container wait-for-kube-proxy, and kubeadm installs no kube-proxy`,
          fix: "remove waitForKubeProxy from cilium.values",
        })),
  }),
  defineProof({
    id: "render/variables-unique",
    summary: "Every environment variable is set once.",
    why: "of a duplicate environment variable the last one silently wins over the chart's",
    run: (render) =>
      workloadsOf(render).flatMap(({ place, pod, values }) =>
        containersOf(pod).flatMap((container) => {
          const names = list(container, "env").map((entry) => text(entry, "name") ?? "");
          const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
          return [...twice].map((name) => ({
            key: `${values}extraEnv`,
            problem: `${place}, container ${text(container, "name") ?? "?"}: ${name} is set twice`,
            fix: `remove ${name} from ${values}extraEnv in cilium.values`,
          }));
        }),
      ),
  }),
  defineProof({
    id: "render/settings-not-overridden",
    summary: "Neither flags nor environment variables override cilium-config.",
    why: "flags and CILIUM_ variables win over cilium-config, so the verified value is not the one that runs",
    run: (render) => {
      const settings = new Set(Object.keys(configOf(render) ?? {}));
      return workloadsOf(render, [agent, operator]).flatMap(({ place, pod, values }) =>
        list(pod, "containers").flatMap((container) => [
          ...list(container, "args")
            .map((arg) => /^--?([a-z0-9-]+)/.exec(String(arg))?.[1] ?? "")
            // The chart itself passes "debug" to the operator.
            .filter((flag) => flag !== "debug" && (settings.has(flag) || absentSettings.includes(flag)))
            .map((flag) => ({
              key: `${values}extraArgs`,
              problem: `${place} is started with --${flag}, which overrides cilium-config`,
              fix: `remove it from ${values}extraArgs in cilium.values, and set the chart's own key`,
            })),
          ...list(container, "env")
            .map((entry) => text(entry, "name") ?? "")
            .filter((name) => settings.has(settingOf(name)) && name !== "CILIUM_DEBUG")
            .map((name) => ({
              key: `${values}extraEnv`,
              problem: `${place}: the variable ${name} overrides ${settingOf(name)} of cilium-config`,
              fix: `remove it from ${values}extraEnv in cilium.values, and set the chart's own key`,
            })),
        ]),
      );
    },
  }),
];

function settingOf(variable: string): string {
  return variable.startsWith("CILIUM_")
    ? variable.slice("CILIUM_".length).toLowerCase().replaceAll("_", "-")
    : "";
}

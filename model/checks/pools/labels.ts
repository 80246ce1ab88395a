import type { Stack } from "../../stack/schema";
import { poolLabel, controlPlanePool } from "../../kubernetes/labels";
import { type PoolMachines, deploymentsOf, isKeptOnNodes, machinePools, poolText } from "../../plan/machines";
import { type Check, defineCheck, duplicates, repeated } from "../check";

const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether Kubernetes accepts the key of a label or taint: `name`, or `domain.example/name`. */
export function isLabelKey(key: string): boolean {
  const [prefix, rest, more] = key.split("/");
  if (rest === undefined) return labelName.test(key);
  return (
    more === undefined && (prefix ?? "").length <= 253 && subdomain.test(prefix ?? "") && labelName.test(rest)
  );
}

/** Whether Kubernetes accepts the value of a label or taint; it may be empty. */
export function isLabelValue(value: string): boolean {
  return value === "" || labelName.test(value);
}

/** Every node label of every pool, with its place. */
function nodeLabelsOf(stack: Stack) {
  return machinePools(stack).flatMap(({ labels, at }) =>
    Object.entries(labels).map(([key, value]) => ({ key, value, at: `${at}.labels.${key}` })),
  );
}

/** Labels of Kubernetes' own domains that a kubelet may set on its node (k8s.io/kubelet, well_known_labels.go). */
const settableLabels = [
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
];

const settableDomains = /(^|\.)(kubelet|node)\.kubernetes\.io$/;

const kubernetesDomains = /(^|\.)(kubernetes|k8s)\.io$/;

/** Labels that this program sets on every node; by the first CAPM3 finds the node of a machine. */
const ownLabels: Readonly<Record<string, string>> = {
  "metal3.io/uuid": "Metal3 uses it to find the node of a host",
  [poolLabel]: "it holds the name of the node's pool",
};

/**
 * Labels that the kubelet sets by itself, and the values with which they say nothing else than it does. A pool's value would replace
 * its own (kubelet v1.36 pkg/kubelet/kubelet_node_status.go).
 */
const kubeletsOwn: Readonly<Record<string, { readonly same: readonly string[]; readonly why: string }>> = {
  "kubernetes.io/hostname": { same: [], why: "all nodes of the pool would be one host for the scheduler" },
  "kubernetes.io/os": { same: ["linux"], why: "Cilium's agents run on nodes with linux only" },
  "kubernetes.io/arch": {
    same: ["amd64", "arm64"],
    why: "pods for the architecture of the machine would stay pending",
  },
};

/** The labels by which components and tools find the machines of the control plane. */
const controlPlaneRole = /^node-role\.kubernetes\.io\/(control-plane|master)$/;

const reservedDomains = /^(.+\.)?(cluster\.x-k8s\.io|metal3\.io|metal\.internal|kubernetes\.io|k8s\.io)\//;

/** Checks of the labels of nodes and hosts. */
export const labelChecks: readonly Check[] = [
  defineCheck({
    id: "pools/labels-wellformed",
    summary: "Node labels have the syntax of Kubernetes labels.",
    why: "the kubelet exits at a label that it cannot parse",
    run: (stack) =>
      nodeLabelsOf(stack).flatMap(({ key, value, at }) => {
        const wrong = !isLabelKey(key)
          ? `key "${key}"`
          : !isLabelValue(value)
            ? `value "${value}"`
            : undefined;
        if (wrong === undefined) return [];
        return {
          at,
          problem: `the ${wrong} is not valid for a label`,
          fix: "use at most 63 letters, digits, dashes, dots and underscores, and example.com/ before a key",
        };
      }),
  }),
  defineCheck({
    id: "pools/labels-allowed",
    summary: "Node labels are outside the domains that Kubernetes reserves.",
    why: "the kubelet exits at a label in Kubernetes' own domains, and no machine joins",
    acceptable: false,
    run: (stack) =>
      nodeLabelsOf(stack).flatMap(({ key, at }) => {
        const domain = key.slice(0, Math.max(0, key.indexOf("/")));
        const allowed =
          isKeptOnNodes(key) ||
          !kubernetesDomains.test(domain) ||
          settableLabels.includes(key) ||
          settableDomains.test(domain);
        if (allowed) return [];
        return {
          at,
          problem: `a kubelet may not set the label "${key}" on its node`,
          fix: "use your own domain, such as example.com/role, or node.cluster.x-k8s.io, which Cluster API sets",
        };
      }),
  }),
  defineCheck({
    id: "pools/labels-not-ours",
    summary: "Pools do not set the labels that this program or the kubelet sets.",
    why: "a node with another metal3.io/uuid is never matched with its host, and its machine is never ready; one with another system or name gets no pods, or the wrong ones",
    acceptable: false,
    run: (stack) =>
      nodeLabelsOf(stack).flatMap(({ key, value, at }) => {
        const reason = ownLabels[key];
        if (reason !== undefined)
          return [{ at, problem: `"${key}" is set by this program: ${reason}`, fix: "remove it" }];
        const kubelets = kubeletsOwn[key];
        if (kubelets === undefined || kubelets.same.includes(value)) return [];
        return [
          {
            at,
            problem: `"${key}" is set by the kubelet: with "${value}", ${kubelets.why}`,
            fix: "remove it",
          },
        ];
      }),
  }),
  defineCheck({
    id: "pools/labels-role-own",
    summary: "Worker pools do not have the role of the control plane.",
    why: "pods and policies that are meant for control plane machines run on nodes by this label, and tools count them as such",
    run: ({ workers }) =>
      workers.flatMap(({ labels }, i) =>
        Object.keys(labels)
          .filter((key) => controlPlaneRole.test(key))
          .map((key) => ({
            at: `workers[${i}].labels.${key}`,
            problem: `"${key}" makes machines of a worker pool nodes of the control plane`,
            fix: "write another role, such as node-role.kubernetes.io/worker, or add hosts to the control plane",
          })),
      ),
  }),
  defineCheck({
    id: "hosts/label-syntax",
    summary: "Host labels have the syntax of Kubernetes labels.",
    why: "the API server refuses the BareMetalHost",
    run: ({ hosts }) =>
      hosts.flatMap(({ labels }, i) =>
        Object.entries(labels).flatMap(([key, value]) => {
          const at = `hosts[${i}].labels`;
          return [
            isLabelKey(key)
              ? []
              : {
                  at,
                  problem: `"${key}" is not a label name`,
                  fix: "write a name of at most 63 letters, digits, dashes, dots, with a domain before it: example.com/rack",
                },
            isLabelValue(value)
              ? []
              : {
                  at,
                  problem: `"${value}" of ${key} is not a label value`,
                  fix: "use at most 63 letters, digits, dashes and dots, with a letter or digit at both ends",
                },
          ];
        }),
      ),
  }),
  defineCheck({
    id: "hosts/labels-own-domain",
    summary: "Host labels are outside the domains of Kubernetes, its controllers and this program.",
    why: "controllers set and remove labels of their domains when a machine claims or releases a host, and the host is not found again",
    acceptable: false,
    run: ({ hosts }) =>
      hosts.flatMap(({ labels }, i) =>
        Object.keys(labels)
          .filter((key) => reservedDomains.test(key))
          .map((key) => ({
            at: `hosts[${i}].labels`,
            problem: `"${key}" is in the domain of ${key.includes("metal.internal") ? "this program" : "a controller"}`,
            fix: `use your own domain, such as example.com/${key.split("/")[1]}`,
          })),
      ),
  }),
];

function deploymentPlaces(stack: Stack): readonly PoolMachines[] {
  return stack.workers.flatMap((pool, i) => deploymentsOf(stack, pool, `workers[${i}]`));
}

/** A MachineDeployment's name becomes a label value on its machines. */
const longest = 63;

/** Checks of the names of worker pools. */
export const poolNameChecks: readonly Check[] = [
  defineCheck({
    id: "pools/names-unique",
    summary: "Every worker pool has a distinct name.",
    why: "two pools with the same name are one MachineDeployment, and a change of one undoes the other",
    acceptable: false,
    run: (stack) => [
      duplicates(
        stack.workers.map(({ name: text }, i) => ({ text, at: `workers[${i}].name` })),
        "give each pool its own name",
      ),
      repeated(deploymentPlaces(stack), ({ name }) => name)
        .filter(([first, again]) => first.pool !== again.pool)
        .map(([first, { at, name, pool, failureDomain }]) => ({
          at: `${at}.name`,
          problem: `${poolText(pool, failureDomain)} and ${poolText(first.pool, first.failureDomain)} are both the MachineDeployment "${name}"`,
          fix: "rename one of the pools",
        })),
    ],
  }),
  defineCheck({
    id: "pools/names-free",
    summary: "No worker pool has the name of the control plane's pool.",
    why: "hosts of a worker pool with that name would become control plane machines",
    acceptable: false,
    run: ({ workers }) =>
      workers.flatMap(({ name }, i) =>
        name !== controlPlanePool
          ? []
          : {
              at: `workers[${i}].name`,
              problem: `"${name}" is the name of the control plane's own pool`,
              fix: 'use another name, such as "workers"',
            },
      ),
  }),
  defineCheck({
    id: "pools/names-short",
    summary: "The names of worker pools fit into the names of their MachineDeployments.",
    why: "Cluster API refuses a MachineDeployment whose name does not fit into a label",
    run: (stack) =>
      deploymentPlaces(stack).flatMap(({ at, pool: name, name: deployment, failureDomain }) => {
        if (deployment.length <= longest) return [];
        const domain = failureDomain === undefined ? "" : ` with failure domain "${failureDomain}"`;
        return {
          at: `${at}.name`,
          problem: `"${name}"${domain} makes the MachineDeployment "${deployment}", ${deployment.length} characters of at most ${longest}`,
          fix: `shorten it to ${longest - (deployment.length - name.length)} characters`,
        };
      }),
  }),
];

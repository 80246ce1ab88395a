import type { Finding } from "../findings";
import { type KubernetesObject, field, list, text } from "../kubernetes/object";
import type { CiliumPlan } from "../plan/plan";
import type { CiliumRender } from "./manifest";

/** Something that must hold for a render, or the cluster cannot come up; an empty list of findings is the proof. */
export interface Proof {
  readonly id: string;
  run(render: CiliumRender, plan: CiliumPlan): readonly Finding[];
}

/** A ConfigMap holds at most 1 MiB; etcd refuses more. */
const configMapLimitBytes = 1_048_576;
/** Containers that talk to the API server before the CNI is up (facts/cilium-bgp-lab.md 1b, conditions 2 to 4). */
const apiClients = [
  { kind: "DaemonSet", name: "cilium", list: "initContainers", container: "config" },
  { kind: "DaemonSet", name: "cilium", list: "containers", container: "cilium-agent" },
  { kind: "Deployment", name: "cilium-operator", list: "containers", container: "cilium-operator" },
] as const;

/** Every proof, in the order of the report. */
export const proofs: readonly Proof[] = [
  proof("render/workloads-present", ({ objects }) =>
    apiClients
      .filter(({ kind, name }) => find(objects, kind, name) === undefined)
      .filter((client, i, all) => all.findIndex((other) => other.name === client.name) === i)
      .map(({ kind, name }) => ({
        problem: `the render has no ${kind} ${name}, so no node would ever become ready`,
        fix: "remove what switches it off from cilium.values (agent, operator.enabled)",
      })),
  ),
  proof("render/no-secrets", ({ objects }) =>
    objects
      .filter(({ kind }) => kind === "Secret")
      .map(({ metadata }) => ({
        problem: `the render holds the Secret ${metadata.name}, with keys that are new at every render`,
        fix: "set cilium.values.hubble.tls.auto.method to cronJob, or hubble.enabled to false",
      })),
  ),
  proof("render/fits-configmap", (render) => {
    const bytes = new TextEncoder().encode(render.text).length;
    if (bytes < configMapLimitBytes - 4096) return [];
    return [
      {
        problem: `the render is ${bytes} bytes, a ConfigMap holds ${configMapLimitBytes}`,
        fix: "switch off what this cluster does not need in cilium.values",
      },
    ];
  }),
  proof("render/api-endpoint", ({ objects }, plan) => {
    if (!plan.kubeProxyReplacement) return [];
    return apiClients.flatMap((client) => endpointFindings(objects, client, plan));
  }),
  proof("render/host-network", ({ objects }) =>
    ["DaemonSet/cilium", "Deployment/cilium-operator"].flatMap((place) => {
      const [kind = "", name = ""] = place.split("/");
      const workload = find(objects, kind, name);
      if (workload === undefined || field(podSpec(workload), "hostNetwork") === true) return [];
      return [
        {
          problem: `${place} does not use the host's network, so it would wait for the CNI that it provides`,
          fix: "remove operator.hostNetwork from cilium.values",
        },
      ];
    }),
  ),
  proof("render/tolerates-fresh-nodes", ({ objects }) =>
    ["DaemonSet/cilium", "Deployment/cilium-operator"].flatMap((place) => {
      const [kind = "", name = ""] = place.split("/");
      const workload = find(objects, kind, name);
      const all = list(podSpec(workload), "tolerations").some(
        (toleration) => text(toleration, "operator") === "Exists" && field(toleration, "key") === undefined,
      );
      if (workload === undefined || all) return [];
      return [
        {
          problem: `${place} does not tolerate every taint, so it may stay pending on a node that is not ready yet`,
          fix: `add {operator: Exists} to ${kind === "Deployment" ? "operator.tolerations" : "tolerations"} in cilium.values`,
        },
      ];
    }),
  ),
  proof("render/crds-created", ({ objects }) =>
    text(find(objects, "ConfigMap", "cilium-config"), "data", "skip-crd-creation") === "true"
      ? [
          {
            problem: "the operator is told not to create its CRDs, and the agents wait for them for ever",
            fix: "remove operator.skipCRDCreation from cilium.values",
          },
        ]
      : [],
  ),
];

function endpointFindings(
  objects: readonly KubernetesObject[],
  client: (typeof apiClients)[number],
  { endpoint }: CiliumPlan,
): readonly Pick<Finding, "problem" | "fix">[] {
  const workload = find(objects, client.kind, client.name);
  if (workload === undefined) return [];
  const container = list(podSpec(workload), client.list).find(
    (each) => text(each, "name") === client.container,
  );
  const where = `${client.kind} ${client.name}, container ${client.container}`;
  return [
    { variable: "KUBERNETES_SERVICE_HOST", wanted: endpoint.host },
    { variable: "KUBERNETES_SERVICE_PORT", wanted: String(endpoint.port) },
  ].flatMap(({ variable, wanted }) => {
    const values = list(container, "env")
      .filter((entry) => text(entry, "name") === variable)
      .map((entry) => String(field(entry, "value")));
    if (values.length === 1 && values[0] === wanted) return [];
    const found = values.length === 0 ? "nothing" : values.map((value) => `"${value}"`).join(" and ");
    return [
      {
        problem: `${where}: ${variable} is ${found}, the control plane endpoint is "${wanted}"`,
        fix: "remove k8sServiceHost, k8sServicePort and extraEnv from cilium.values; they follow kubernetes.endpoint",
      },
    ];
  });
}

function proof(
  id: string,
  run: (render: CiliumRender, plan: CiliumPlan) => readonly Pick<Finding, "problem" | "fix">[],
): Proof {
  return {
    id,
    run: (render, plan) =>
      run(render, plan).map((found) => ({ id, severity: "error", at: "cilium.values", ...found })),
  };
}

function find(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): KubernetesObject | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

function podSpec(workload: KubernetesObject | undefined): unknown {
  return field(workload, "spec", "template", "spec");
}

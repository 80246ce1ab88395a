import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { FakeApi } from "../wait/fake-api";
import { type Mistake, find, named, type Planned } from "./mistake";
import { namespace } from "./situation";

const container = (version: string) => ({
  name: "cilium-agent",
  image: `mirror.example.com:5000/cilium/cilium:v${version}@sha256:0123`,
});

/** What is there of a cluster that runs: one API server is both clusters, and the kubeconfig leads back to it. */
export const runningCilium =
  (running: {
    /** Versions of the agents on the nodes. */
    readonly agents: readonly string[];
    /** Version in the DaemonSet; that of the first agent unless told. */
    readonly template?: string;
    /** What the Cluster says it was installed with; 1.19 unless told. */
    readonly installed?: string;
  }) =>
  (api: FakeApi, planned: Planned): void => {
    const { agents, template = agents[0] ?? "", installed = "1.19" } = running;
    const cluster = find(planned, "Cluster");
    const annotations = { ...cluster.metadata.annotations, "metal.internal/installed-cilium": installed };
    const value = Buffer.from(api.kubeconfig()).toString("base64");
    api.put(
      { ...cluster, metadata: { ...cluster.metadata, annotations } },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "capi-1-kubeconfig", namespace },
        data: { value },
      },
      workload(resources.DaemonSet, "cilium", { template: { spec: { containers: [container(template)] } } }),
      ...agents.map((version, index) =>
        workload(resources.Pod, `cilium-${index}`, { containers: [container(version)] }),
      ),
    );
  };

function workload(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  name: string,
  spec: object,
): KubernetesObject {
  const labels = { "k8s-app": "cilium" };
  return { apiVersion, kind, metadata: { name, namespace: "kube-system", labels }, spec };
}

/** Mistakes in what becomes of a Cilium that runs. */
export const ciliumMistakes: Readonly<Record<string, Mistake>> = {
  "a Cilium that jumps over a minor": {
    check: "lifecycle/upgrade-by-one-minor",
    stack: (raw) => Object.assign(named(raw, "cilium"), { version: "1.20.2", installedVersion: "1.18.4" }),
    management: runningCilium({ agents: ["1.18.4", "1.18.4"], installed: "1.18" }),
    finding: /agents run 1\.18\.4, and Cilium goes up by one minor at a time: 1\.20\.2 is 2 away/,
  },
  "a second upgrade before the first is done": {
    check: "lifecycle/upgrade-by-one-minor",
    stack: (raw) => Object.assign(named(raw, "cilium"), { version: "1.20.2", installedVersion: "1.18.4" }),
    management: runningCilium({ agents: ["1.18.4", "1.19.5"], template: "1.19.5", installed: "1.18" }),
    finding: /some agents run 1\.18\.4, others 1\.19\.5, .* 1\.20\.2 is 2 away/,
  },
  "a Cilium that goes back to the minor before": {
    check: "lifecycle/upgrade-by-one-minor",
    stack: (raw) => (named(raw, "cilium")["version"] = "1.18.4"),
    management: runningCilium({ agents: ["1.19.5"], installed: "1.18" }),
    finding: /agents run 1\.19\.5, and Cilium does not go back from 1\.19 to 1\.18/,
  },
  "an upgrade that forgets what was installed first": {
    check: "lifecycle/installed-version-kept",
    management: runningCilium({ agents: ["1.18.4"], installed: "1.18" }),
    finding: /was installed with Cilium 1\.18, and the stack file means 1\.19/,
  },
};

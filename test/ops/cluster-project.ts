import fs from "node:fs";
import path from "node:path";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { type World, object } from "../verify/healthy";
import type { FakeApi } from "../wait/fake-api";
import { exampleText, projectWith } from "./command-line";

/** The Secret in which Cluster API keeps a kubeconfig of the workload cluster. */
export function kubeconfigSecret(kubeconfig: string): KubernetesObject {
  return object(resources.Secret, "capi-1-kubeconfig", {
    data: { value: Buffer.from(kubeconfig).toString("base64") },
  }) as KubernetesObject;
}

/** A project with capi-1 whose two clusters are these API servers. */
export function clusterProject(management: FakeApi, workload: FakeApi, world: World): string {
  management.put(...(Object.values(world.management).flat() as KubernetesObject[]));
  management.put(kubeconfigSecret(workload.kubeconfig()));
  workload.put(...(Object.values(world.workload).flat() as KubernetesObject[]));
  return projectOn(management);
}

/** A project with capi-1 whose management cluster is this API server. */
export function projectOn(management: FakeApi): string {
  const directory = projectWith({
    "Pulumi.capi-1.yaml": exampleText.replace(
      "context: management",
      "context: fake\n    kubeconfig: kubeconfig",
    ),
  });
  fs.writeFileSync(path.join(directory, "kubeconfig"), management.kubeconfig());
  return directory;
}

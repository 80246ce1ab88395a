import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretPath } from "../model/stack/secrets";
import type { KubernetesObject } from "../model/kubernetes/object";
import type { PlannedSecret } from "../model/plan/plan";

type Constructor = new (
  name: string,
  args: never,
  options?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** Built-in kinds that a rendered Cilium or the plan contains; all others are custom resources. */
const builtIn: Readonly<Record<string, Constructor>> = {
  "v1/ConfigMap": k8s.core.v1.ConfigMap,
  "v1/Namespace": k8s.core.v1.Namespace,
  "v1/Service": k8s.core.v1.Service,
  "v1/ServiceAccount": k8s.core.v1.ServiceAccount,
  "apps/v1/DaemonSet": k8s.apps.v1.DaemonSet,
  "apps/v1/Deployment": k8s.apps.v1.Deployment,
  "batch/v1/Job": k8s.batch.v1.Job,
  "batch/v1/CronJob": k8s.batch.v1.CronJob,
  "rbac.authorization.k8s.io/v1/ClusterRole": k8s.rbac.v1.ClusterRole,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": k8s.rbac.v1.ClusterRoleBinding,
  "rbac.authorization.k8s.io/v1/Role": k8s.rbac.v1.Role,
  "rbac.authorization.k8s.io/v1/RoleBinding": k8s.rbac.v1.RoleBinding,
};

/** Declares any planned object as it is. The logical name is `kind/name`, or the given key where the name changes. */
export function kubernetesObject(
  manifest: KubernetesObject,
  options: pulumi.CustomResourceOptions,
  key: string = manifest.metadata.name,
): pulumi.CustomResource {
  const Kind = builtIn[`${manifest.apiVersion}/${manifest.kind}`];
  const name = `${manifest.kind}/${key}`;
  if (manifest.kind === "Secret") return new k8s.core.v1.Secret(name, withSecretData(manifest), options);
  if (Kind !== undefined) return new Kind(name, manifest as never, options);
  return new k8s.apiextensions.CustomResource(name, manifest as never, options);
}

/** A Secret that comes whole, from a render: its content is secret from here on. */
function withSecretData(manifest: KubernetesObject): k8s.core.v1.SecretArgs {
  const { data, stringData, ...rest } = manifest as KubernetesObject & {
    readonly data?: Record<string, string>;
    readonly stringData?: Record<string, string>;
  };
  return {
    ...(rest as object),
    ...(data === undefined ? {} : { data: pulumi.secret(data) }),
    ...(stringData === undefined ? {} : { stringData: pulumi.secret(stringData) }),
  };
}

/** A login that another Secret holds, in base64. */
export type CopiedLogin = pulumi.Output<{ username: string; password: string }>;

/** Declares a Secret and puts its secret values in, or those of the Secret that it copies. */
export function kubernetesSecret(
  planned: PlannedSecret,
  secret: (path: SecretPath) => pulumi.Output<string>,
  copied: CopiedLogin | undefined,
  options: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  const name = `Secret/${planned.manifest.metadata.name}`;
  if (copied !== undefined) {
    return new k8s.core.v1.Secret(name, { ...(planned.manifest as object), data: copied }, options);
  }
  const stringData = {
    ...planned.text,
    ...Object.fromEntries(Object.entries(planned.secret).map(([key, path]) => [key, secret(path)])),
    ...Object.fromEntries(
      Object.entries(planned.composed ?? {}).map(([key, parts]) => [
        key,
        pulumi.concat(...parts.map((part) => (typeof part === "string" ? part : secret(part.secret)))),
      ]),
    ),
  };
  return new k8s.core.v1.Secret(name, { ...(planned.manifest as object), stringData }, options);
}

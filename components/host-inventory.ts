import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretPath } from "../model/stack/secrets";
import { fieldsOfMetal3 } from "../model/plan/manifests/hosts";
import type { ClusterPlan } from "../model/plan/plan";
import { type CopiedLogin, kubernetesObject, kubernetesSecret } from "./kubernetes-object";
import type { RunRights } from "./live-preflight";

/** The user's Secrets that logins are copied from, read in previews and updates; their values are secret in the state. */
function copiedSecrets(
  { hosts, namespace, management }: ClusterPlan,
  { secretsReadable }: RunRights,
  parent: pulumi.Resource,
): ReadonlyMap<string, CopiedLogin> {
  const names = new Set(hosts.secrets.flatMap(({ copyOf }) => copyOf ?? []));
  const offline = management.offlinePreview && pulumi.runtime.isDryRun();
  const readable = secretsReadable && !offline;
  return new Map([...names].map((name) => [name, secretData(name, namespace, readable, parent)]));
}

function secretData(
  name: string,
  namespace: string,
  readable: boolean,
  parent: pulumi.Resource,
): CopiedLogin {
  // The preview shows the values as not yet known.
  if (!readable) return pulumi.secret(pulumi.unknown as { username: string; password: string });
  const source = k8s.core.v1.Secret.get(`login/${name}`, `${namespace}/${name}`, { parent });
  return pulumi.secret(source.data.apply(({ username = "", password = "" }) => ({ username, password })));
}

/** BMC logins, per-host networks and the BareMetalHosts. Deleting a host wipes it, so hosts are protected. */
export class HostInventory extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: {
      readonly plan: ClusterPlan;
      readonly secret: (path: SecretPath) => pulumi.Output<string>;
      readonly rights: RunRights;
    },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:HostInventory", name, {}, options);
    const { hosts, timeouts, protect } = args.plan;
    const copied = copiedSecrets(args.plan, args.rights, this);
    const secrets = hosts.secrets.map((planned) =>
      kubernetesSecret(planned, args.secret, copied.get(planned.copyOf ?? ""), {
        parent: this,
        // The operator's finalizer holds it until its host is gone, and the host, its owner, takes it along.
        ...(planned.heldByHost === true ? { retainOnDelete: true } : {}),
      }),
    );
    for (const host of hosts.hosts) {
      kubernetesObject(host, {
        parent: this,
        dependsOn: secrets,
        protect,
        ignoreChanges: [...fieldsOfMetal3(host)],
        customTimeouts: { delete: `${timeouts.delete}m` },
      });
    }
    this.registerOutputs({});
  }
}

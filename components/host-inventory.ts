import * as pulumi from "@pulumi/pulumi";
import type { SecretPath } from "../model/config/secrets";
import { hostFieldsOfMetal3 } from "../model/manifests/hosts";
import type { ClusterPlan } from "../model/plan/plan";
import { kubernetesObject, kubernetesSecret } from "./kubernetes-object";

/** BMC logins, per-host networks and the BareMetalHosts. Deleting a host wipes it, so hosts are protected. */
export class HostInventory extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: { readonly plan: ClusterPlan; readonly secret: (path: SecretPath) => pulumi.Output<string> },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:HostInventory", name, {}, options);
    const { hosts, timeouts, protect } = args.plan;
    const secrets = hosts.secrets.map((planned) =>
      kubernetesSecret(planned, args.secret, {
        parent: this,
        // A delete while the host lives would wait for ever, so a login that an existing Secret replaces is let go of.
        ...(planned.heldByHost === true ? { retainOnDelete: true } : {}),
      }),
    );
    for (const host of hosts.hosts) {
      kubernetesObject(host, {
        parent: this,
        dependsOn: secrets,
        protect,
        ignoreChanges: [...hostFieldsOfMetal3],
        customTimeouts: { delete: `${timeouts.delete}m` },
      });
    }
    this.registerOutputs({});
  }
}

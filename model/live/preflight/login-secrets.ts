import type { Stack } from "../../stack/schema";
import type { OwnerReference } from "../../kubernetes/object";
import { existingSecretOf } from "../../plan/manifests/hosts";
import { type CheckResult, type Problem, judged, named, notApplicable } from "./check-result";

/** Names of all Secrets that must be there already, each once. */
export function existingSecrets(stack: Stack): readonly string[] {
  return [...new Set(stack.hosts.flatMap((host) => existingSecretOf(stack, host) ?? []))];
}

/** What of a Secret is looked at; its values never are. */
export interface SecretShape {
  readonly keys: readonly string[];
  readonly owners: readonly OwnerReference[];
}

/** Each named Secret is there with both keys, and no host of ours owns it. */
export function judgeLoginSecrets(stack: Stack, found: ReadonlyMap<string, SecretShape>): CheckResult {
  const names = existingSecrets(stack);
  if (names.length === 0) return notApplicable("the stack makes every BMC login itself");
  const problems = names.flatMap((name): Problem[] => {
    const owner = stack.hosts.findIndex((host) => host.bmc.existingSecret === name);
    const at = owner === -1 ? "bmc.existingSecret" : `hosts[${owner}].bmc.existingSecret`;
    const shape = found.get(name);
    const namespace = stack.management.namespace;
    const fix = `kubectl -n ${namespace} create secret generic ${name} --from-literal=username=... --from-literal=password=...`;
    if (shape === undefined) {
      return [{ at, problem: `the Secret "${name}" does not exist in namespace "${namespace}"`, fix }];
    }
    const { keys, owners } = shape;
    const missing = ["username", "password"].filter((key) => !keys.includes(key));
    const hosts = owners.filter(({ kind }) => kind === "BareMetalHost").map((owner) => owner.name);
    if (missing.length === 0 && hosts.length === 0) return [];
    if (missing.length === 0) {
      return [
        {
          severity: "warning",
          at,
          problem: `the Secret "${name}" is owned by ${named(hosts)}, and is deleted with the last of them`,
          fix: `once no host refers to it any more: kubectl -n ${namespace} patch secret ${name} --type=merge -p '{"metadata":{"ownerReferences":null,"finalizers":null}}'`,
        },
      ];
    }
    return [
      {
        at,
        problem: `the Secret "${name}" has no ${missing.join(" and no ")}; it has ${keys.length === 0 ? "no keys" : named(keys)}`,
        fix: "give it the keys username and password",
      },
    ];
  });
  return judged(`username and password, the keys of ${named(names)}`, problems);
}

/** Each Secret that a host names for its installer's network is there, with its key. `keys` is empty for one that is not. */
export function judgeInstallerNetworks(
  stack: Stack,
  keys: ReadonlyMap<string, readonly string[]>,
): CheckResult {
  if (keys.size === 0) return notApplicable("no host names a Secret for its installer's network");
  const problems = stack.hosts.flatMap(({ preprovisioningNetworkDataName: name }, i): Problem[] => {
    const found = name === undefined ? undefined : keys.get(name);
    if (name === undefined || found === undefined || found.includes("networkData")) return [];
    const { namespace } = stack.management;
    return [
      {
        at: `hosts[${i}].preprovisioningNetworkDataName`,
        problem:
          found.length === 0
            ? `the Secret "${name}" does not exist in namespace "${namespace}", or is empty`
            : `the Secret "${name}" has no networkData; it has ${named(found)}`,
        fix: `kubectl -n ${namespace} create secret generic ${name} --from-file=networkData=network_data.json`,
      },
    ];
  });
  return judged(`key networkData of ${named([...keys.keys()])}`, problems);
}

import type { ClusterResourceSetBinding } from "../../kubernetes/cluster-api";
import { oldestText, supportedVersions } from "../../stack/supported-versions";
import { type KubernetesObject, text } from "../../kubernetes/object";
import { type CheckResult, judged } from "./check-result";

/** Every kind that is planned or watched is served; both as `apiVersion/Kind`. */
export function judgeKinds(wanted: readonly string[], served: ReadonlySet<string>): CheckResult {
  const missing = wanted.filter((kind) => !served.has(kind));
  return judged(
    `${wanted.length} kinds in the versions that are used`,
    missing.map((kind) => ({
      at: "management.context",
      problem: `the management cluster does not serve ${kind}`,
      fix: `install or upgrade ${providerOf(kind)} there (clusterctl init, clusterctl upgrade apply)`,
    })),
  );
}

function providerOf(kind: string): string {
  const { clusterApi, capm3, ipam, baremetalOperator } = supportedVersions;
  const named = (name: string, versions: Parameters<typeof oldestText>[0]) =>
    `${name}, ${oldestText(versions)} or newer`;
  if (kind.startsWith("metal3.io/")) return named("the baremetal-operator", baremetalOperator);
  if (kind.startsWith("ipam.metal3.io/")) return named("Metal3's ip-address-manager", ipam);
  if (kind.startsWith("infrastructure.")) return named("Cluster API Provider Metal3", capm3);
  return named("Cluster API", clusterApi);
}

/** The stack's namespace is there and stays. */
export function judgeNamespace(
  namespace: KubernetesObject | undefined,
  place: { readonly namespace: string; readonly context: string },
): CheckResult {
  const { namespace: name, context } = place;
  if (namespace === undefined) {
    return judged("", [
      {
        at: "management.namespace",
        problem: `the namespace "${name}" does not exist in the management cluster`,
        fix: `kubectl --context ${context} create namespace ${name}`,
      },
    ]);
  }
  if (text(namespace, "status", "phase") === "Terminating") {
    return judged("", [
      {
        at: "management.namespace",
        problem: `the namespace "${name}" is being deleted, and nothing can be created in it`,
        fix: "wait until it is gone and create it again, or name another",
      },
    ]);
  }
  return judged(`namespace ${name}`);
}

/** What the resource set has already applied, and whether the present render is what it applied. */
export interface AppliedPayload {
  readonly binding: ClusterResourceSetBinding | undefined;
  /** Name of the ConfigMap. */
  readonly payload: string;
  readonly sameRender: boolean;
}

/** With bootstrap-only nothing applies a second render, so a changed one would silently do nothing. */
export function judgeBootstrapOnly({ binding, payload, sameRender }: AppliedPayload): CheckResult {
  const applied = (binding?.spec?.bindings ?? []).some((entry) =>
    entry.resources?.some(({ name, applied: isApplied }) => name === payload && isApplied === true),
  );
  if (!applied) return judged("the render has not been applied yet");
  if (sameRender) return judged("the render is the one that was applied");
  return judged("", [
    {
      at: "cilium.lifecycle",
      problem:
        "Cilium's render has changed, but with bootstrap-only nothing applies it to the running cluster",
      fix: "write lifecycle: pulumi to let this stack own Cilium, or take the change back",
    },
  ]);
}

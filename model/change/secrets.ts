import type { ClusterPlan, PlannedSecret } from "../plan/plan";

/** Encrypted values by their place, as the stack file holds them; compared and never shown. */
export type SealedValues = ReadonlyMap<string, string>;

/** Whether an encrypted value was written again; paths are of the old and of the new stack file. */
export type SecretChanged = (before: string | undefined, after: string | undefined) => boolean;

/** The description of an encrypted value that differs. */
export const writtenAgain = "written again: changed, or only encrypted again";

/** Whether an encrypted value differs. One that was encrypted again counts, because only decrypting would show the difference. */
export function secretComparison(before: SealedValues, after: SealedValues): SecretChanged {
  return (old, fresh) => old !== undefined && fresh !== undefined && before.get(old) !== after.get(fresh);
}

/**
 * Secrets whose encrypted value differs, by the place in the new stack file. Hosts may have moved in the list, so theirs are
 * found by the object that they are for; keys in Helm values by their place.
 */
export function changedSecrets(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
  changed: SecretChanged,
  inValues: readonly string[],
): readonly string[] {
  const old = new Map(secretsOf(before).map((secret) => [secret.manifest.metadata.name, secret.secret]));
  const found = secretsOf(after).flatMap(({ manifest, secret }) =>
    Object.entries(secret).flatMap(([key, path]) =>
      changed(old.get(manifest.metadata.name)?.[key], path) ? [path] : [],
    ),
  );
  return [...new Set([...found, ...inValues.filter((path) => changed(path, path))])];
}

function secretsOf(plan: ClusterPlan | undefined): readonly PlannedSecret[] {
  return [...(plan?.hosts.secrets ?? []), ...(plan?.bgp?.secrets ?? [])];
}

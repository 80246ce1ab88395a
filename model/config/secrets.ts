import { field } from "../kubernetes/object";

/** Path of a secret value in the stack file, such as `hosts[0].bmc.password`; stands in for the value everywhere in model/. */
export type SecretPath = string;

/** A stack's raw configuration with every secret replaced by its path, and the values apart. */
export interface SeparatedSecrets {
  readonly raw: unknown;
  readonly values: ReadonlyMap<SecretPath, string>;
}

/** Takes the secrets out of the raw configuration, so that nothing behind this line can print one. */
export function separateSecrets(raw: unknown): SeparatedSecrets {
  const copy: unknown = structuredClone(raw);
  const values = new Map<SecretPath, string>();
  const take = (holder: unknown, at: string): void => {
    const value = field(holder, "password");
    if (typeof value !== "string" || value === "") return;
    (holder as Record<string, unknown>)["password"] = at;
    values.set(at, value);
  };
  take(field(copy, "bmc"), "bmc.password");
  entries(field(copy, "hosts")).forEach((host, i) => take(field(host, "bmc"), `hosts[${i}].bmc.password`));
  entries(field(copy, "bgp", "instances")).forEach((instance, i) =>
    entries(field(instance, "peers")).forEach((peer, j) =>
      take(peer, `bgp.instances[${i}].peers[${j}].password`),
    ),
  );
  return { raw: copy, values };
}

function entries(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

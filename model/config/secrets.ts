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
  takePrivateKeys(field(copy, "cilium", "values"), "cilium.values", values);
  return { raw: copy, values };
}

/** Private keys in Helm values: the chart keeps each in a `key` beside its `cert`. Other keys named `key` are no secrets. */
function takePrivateKeys(holder: unknown, at: string, values: Map<SecretPath, string>): void {
  if (typeof holder !== "object" || holder === null) return;
  const map = holder as Record<string, unknown>;
  for (const [name, value] of Object.entries(map)) {
    const path = Array.isArray(holder) ? `${at}[${name}]` : `${at}.${name}`;
    if (name === "key" && typeof value === "string" && value !== "" && typeof map["cert"] === "string") {
      map[name] = path;
      values.set(path, value);
    } else takePrivateKeys(value, path, values);
  }
}

/** The same value with every secret's place filled with what `put` gives for it. */
export function withSecrets(value: unknown, put: (path: SecretPath) => string | undefined): unknown {
  if (typeof value === "string") return put(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, put));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSecrets(inner, put)]));
}

function entries(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

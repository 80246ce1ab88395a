const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Does Kubernetes take this as the key of a label or taint: `name`, or `domain.example/name`? */
export function isLabelKey(key: string): boolean {
  const [prefix, rest, more] = key.split("/");
  if (rest === undefined) return name.test(key);
  return (
    more === undefined && (prefix ?? "").length <= 253 && subdomain.test(prefix ?? "") && name.test(rest)
  );
}

/** Does Kubernetes take this as the value of a label or taint? Empty is one. */
export function isLabelValue(value: string): boolean {
  return value === "" || name.test(value);
}

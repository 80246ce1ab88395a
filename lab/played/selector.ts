import { field, list, text } from "../../model/kubernetes/object";

/** True when the labels satisfy a Kubernetes label selector (or CAPM3's host selector); no selector matches everything. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>> = {}): boolean {
  const wanted = Object.entries((field(selector, "matchLabels") ?? {}) as Record<string, string>);
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  return list(selector, "matchExpressions").every((expression) => holds(expression, labels));
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[text(expression, "key") ?? ""];
  const values = list(expression, "values");
  // CAPM3 writes Kubernetes' lower-case operators, Cilium the API's.
  switch (text(expression, "operator")?.toLowerCase()) {
    case "in":
      return value !== undefined && values.includes(value);
    case "=":
    case "==":
      return value !== undefined && values.includes(value);
    case "notin":
    case "!=":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "doesnotexist":
    case "!":
      return value === undefined;
    default:
      return false;
  }
}

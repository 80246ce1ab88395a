import { list, field, text } from "./object";

/**
 * Whether labels satisfy a label selector (`matchLabels` and `matchExpressions`). Cluster API Metal3's hostSelector
 * writes its operators in lower case (`in`, `exists`), Kubernetes in mixed case; both are understood.
 */
export function selects(selector: unknown, labels: Readonly<Record<string, string>> | undefined): boolean {
  const have = labels ?? {};
  const wanted = Object.entries((field(selector, "matchLabels") ?? {}) as Record<string, string>);
  return (
    wanted.every(([key, value]) => have[key] === value) &&
    list(selector, "matchExpressions").every((expression) => holds(expression, have))
  );
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[text(expression, "key") ?? ""];
  const values = list(expression, "values");
  switch ((text(expression, "operator") ?? "").toLowerCase()) {
    case "in":
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
      // An operator we do not know must not make a host look hopeless.
      return true;
  }
}

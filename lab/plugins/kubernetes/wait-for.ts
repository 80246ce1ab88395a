import { asString, at, isObject, type Json, type JsonObject } from "../grpc/property-value";
import { jsonPath } from "./jsonpath";

/** Whether an object is where it should be, and what to say about it while it is waited for. */
export interface Readiness {
  readonly ready: boolean;
  readonly message: string;
  readonly severity?: "info" | "warning";
}

/** A question to a live object. */
export type ReadyCheck = (live: JsonObject) => Readiness;

function isStale(observed: Json | undefined, live: JsonObject): boolean {
  const generation = at(live, "metadata", "generation");
  return typeof observed === "number" && typeof generation === "number" && observed < generation;
}

function conditionCheck(expression: string): ReadyCheck {
  const [type = "", wanted = "True"] = expression.split("=", 2);
  const equals = (value: Json | undefined, text: string): boolean =>
    String(value).toLowerCase() === text.toLowerCase();
  return (live) => {
    const conditions = at(live, "status", "conditions");
    if (!Array.isArray(conditions)) {
      return { ready: false, message: "Has no .status.conditions", severity: "warning" };
    }
    const found = conditions.find((condition) => equals(at(condition, "type"), type));
    if (found === undefined) return { ready: false, message: `Waiting for condition ${type}=${wanted}` };
    // A condition that carries its own generation decides; the object's counts only where there is none.
    const observed = at(found, "observedGeneration") ?? at(live, "status", "observedGeneration");
    const holds = equals(at(found, "status"), wanted) && !isStale(observed, live);
    const message = asString(at(found, "message")) ?? "";
    return {
      ready: holds,
      message: holds
        ? `Found condition ${type}=${wanted}`
        : `Waiting for condition ${type}=${wanted}${message === "" ? "" : `: ${message}`}`,
    };
  };
}

function jsonPathCheck(expression: string): ReadyCheck {
  // A filter holds "==" inside its brackets, so the value begins after the path's closing brace.
  const end = expression.startsWith("{") ? expression.indexOf("}=") + 1 : expression.indexOf("=");
  const path = end <= 0 ? expression : expression.slice(0, end);
  const wanted = end <= 0 ? undefined : expression.slice(end + 1);
  const select = jsonPath(path);
  return (live) => {
    const found = select(live).map((value) =>
      isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value),
    );
    if (found.length === 0) return { ready: false, message: `${path} selected nothing` };
    const fits = wanted === undefined || found.includes(wanted);
    const ready = fits && !isStale(at(live, "status", "observedGeneration"), live);
    return {
      ready,
      message: ready
        ? `Found ${path}=${found[0] ?? ""}`
        : `Waiting for ${path}=${wanted ?? ""} (is ${found.join(", ")})`,
    };
  };
}

function single(expression: string): ReadyCheck {
  if (expression.startsWith("condition=")) return conditionCheck(expression.slice("condition=".length));
  if (expression.startsWith("jsonpath=")) return jsonPathCheck(expression.slice("jsonpath=".length));
  throw new Error(
    `pulumi.com/waitFor "${expression}": write condition=Type[=Status] or jsonpath={.path}[=value]`,
  );
}

/** The check that the text of a `pulumi.com/waitFor` annotation means; a JSON array holds when all of it does. */
export function waitForCheck(text: string): ReadyCheck {
  const expressions = text.trimStart().startsWith("[") ? (JSON.parse(text) as Json[]).map(String) : [text];
  return allOf(expressions.map(single));
}

/** All checks at once; the message is that of the first one that does not hold. */
export function allOf(checks: readonly ReadyCheck[]): ReadyCheck {
  return (live) => {
    const results = checks.map((check) => check(live));
    return results.find(({ ready }) => !ready) ?? results[0] ?? { ready: true, message: "" };
  };
}

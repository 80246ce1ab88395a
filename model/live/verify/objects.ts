import { quoted } from "../../cilium/proofs/anatomy";
import type { KubernetesObject } from "../../kubernetes/object";
import { counted } from "../../text/wording";
import { type CheckResult, type Problem, judged, named } from "../preflight/check-result";
import { type Difference, type PlannedAndLive, differences } from "../differences";
import { nameAt, shownField } from "../../redaction/objects";

/** A Job that has done its work is removed by the cluster after a while. */
const passing = new Set(["Job"]);

/** What runs is what is planned, object by object; `ignored` names the fields of a kind that are left to others. */
export function judgeSame(
  objects: readonly PlannedAndLive[],
  fix: string,
  ignored: Readonly<Record<string, readonly string[]>> = {},
): CheckResult {
  const problems = objects.flatMap(({ planned, live }): Problem[] => {
    const at = placeOf(planned);
    if (live === undefined) {
      return passing.has(planned.kind) ? [] : [{ at, problem: "is planned and not there", fix }];
    }
    const found = differences(planned, live, ignored[planned.kind]);
    return found.length === 0 ? [] : [{ at, problem: named(found.map(difference), 3), fix }];
  });
  return judged(`${counted(objects.length, "object")}, each planned field`, problems);
}

/** `DaemonSet/kube-system/cilium`. */
export function placeOf({ kind, metadata }: KubernetesObject): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join("/");
}

function difference({ path, planned, live }: Difference): string {
  // An environment's entry is found by its name: `env[DB_PASSWORD].value`.
  const shown = (value: unknown) => short(shownField(nameAt(path), value));
  return `${path} is ${shown(live)} instead of ${shown(planned)}`;
}

const longest = 60;

function short(value: unknown): string {
  const words = quoted(value);
  return words.length <= longest ? words : `${words.slice(0, longest)}… (${words.length} characters)`;
}

import { field, list, text } from "../../../model/kubernetes/object";

/** One step that `pulumi preview` plans. */
interface PlannedStep {
  /** `create`, `update`, `replace`, `delete`, … */
  readonly op: string;
  readonly type: string;
  readonly name: string;
  /** Paths of the properties that differ. */
  readonly paths: readonly string[];
}

/** What `pulumi preview --json` says. */
export interface Preview {
  /** Every step that changes something. */
  readonly changes: readonly PlannedStep[];
  /** Warnings, errors and what else the program said. */
  readonly said: readonly string[];
}

/** Reads the JSON of a preview. */
export function readPreview(json: string): Preview {
  const read: unknown = JSON.parse(json);
  const steps = list(read, "steps").map((step): PlannedStep => {
    const [, , type = "", name = ""] = (text(step, "urn") ?? "").split("::");
    return {
      op: text(step, "op") ?? "",
      type: type.split("$").at(-1) ?? "",
      name,
      paths: Object.keys((field(step, "detailedDiff") as object | undefined) ?? {}).sort(),
    };
  });
  return {
    changes: steps.filter(({ op }) => !["same", "read", "refresh"].includes(op)),
    said: list(read, "diagnostics").map((each) => text(each, "message") ?? ""),
  };
}

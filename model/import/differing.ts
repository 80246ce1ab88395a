import { beginningOf } from "../redaction/shown";
import { field, isMap } from "../kubernetes/object";

/** A field of which one side has another value, or none. */
export interface Difference {
  /** `spec.template.spec.files[/etc/motd].content`. */
  readonly at: string;
  readonly given: unknown;
  readonly planned: unknown;
}

/** The fields of a given value that a planned one does not have as given, and those that only the planned one has. */
export function differing(
  given: unknown,
  planned: unknown,
): { readonly missing: readonly Difference[]; readonly added: readonly Difference[] } {
  const missing = compare(given, planned, "");
  const reversed = compare(planned, given, "").filter(({ planned: other }) => other === undefined);
  return { missing, added: reversed.map(({ at, given: own }) => ({ at, given: undefined, planned: own })) };
}

function compare(given: unknown, planned: unknown, at: string): readonly Difference[] {
  // A label or an annotation counts without a value, too.
  if (isEmpty(given) && !(given === "" && /metadata\.(labels|annotations)\./.test(at))) return [];
  if (Array.isArray(given))
    return compareLists(given, Array.isArray(planned) ? (planned as unknown[]) : [], at);
  if (isMap(given)) {
    const other = isMap(planned) ? planned : {};
    // As a whole where nothing of it is there: one line for a setting, not one for each field.
    if (planned === undefined && at !== "") return [{ at, given, planned }];
    return Object.entries(given).flatMap(([key, value]) =>
      compare(value, other[key], at === "" ? key : `${at}.${key}`),
    );
  }
  return String(given) === String(planned) || isSameMac(given, planned) ? [] : [{ at, given, planned }];
}

/** Lists of named entries by name, of anything else as sets. */
function compareLists(
  given: readonly unknown[],
  planned: readonly unknown[],
  at: string,
): readonly Difference[] {
  const key = ["peerAddress", "name", "path", "key", "id", "type", "advertisementType", "afi"].find((each) =>
    [...given, ...planned].every((entry) => typeof field(entry, each) === "string"),
  );
  // Two conditions or services of one type are distinguished by their position.
  const isUnique =
    key !== undefined && new Set(given.map((entry) => field(entry, key))).size === given.length;
  if (given.some(isMap) && !isUnique) {
    return given.flatMap((entry, i) => compare(entry, planned[i], `${at}[${i}]`));
  }
  return given.flatMap((entry) => {
    if (!isMap(entry)) {
      const isThere = planned.some((other) => String(other) === String(entry));
      return isThere ? [] : [{ at: `${at}[${short(entry)}]`, given: entry, planned: undefined }];
    }
    const name = key === undefined ? undefined : field(entry, key);
    const other = planned.find((each) => key !== undefined && field(each, key) === name);
    return compare(entry, other, `${at}[${short(name)}]`);
  });
}

const longest = 50;

function short(value: unknown): string {
  const text = beginningOf(String(value), longest + 1).replace(/\s+/g, " ");
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** The API server stores no empty values. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isSameMac(a: unknown, b: unknown): boolean {
  const mac = /^([\da-f]{2}:){5}[\da-f]{2}$/i;
  return mac.test(String(a)) && String(a).toLowerCase() === String(b).toLowerCase();
}

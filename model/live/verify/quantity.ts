const binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

/** The number that a Kubernetes quantity (`250m`, `1Gi`, `2`) stands for; undefined when it is none. */
export function quantity(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(value) : null;
  if (match === null) return undefined;
  const [, digits = "", unit = ""] = match;
  const power = binary.indexOf(unit);
  if (power >= 0) return Number(digits) * 1024 ** (power + 1);
  const scale = decimal.indexOf(unit);
  return scale < 0 ? undefined : Number(`${digits}e${(scale - decimal.indexOf("")) * 3}`);
}

/** Powers of ten by decimal suffix, in steps of 1000 from nano up. */
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

/** Powers of 1024 by binary suffix. */
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** A quantity in nano units; undefined when the digits are finer than that. */
function nano(digits: string, scale: bigint): bigint | undefined {
  const [whole = "", fraction = ""] = digits.replace(/^\+/, "").split(".");
  const scaled = BigInt(`${whole === "" || whole === "-" ? `${whole}0` : whole}${fraction}`) * scale;
  const unit = 10n ** BigInt(fraction.length);
  return scaled % unit === 0n ? scaled / unit : undefined;
}

/** The largest suffix of `names` under which the value stays whole, counting up in steps of `step`. */
function shortest(value: bigint, names: readonly string[], step: bigint): string {
  let rest = value;
  let index = 0;
  while (rest !== 0n && rest % step === 0n && index < names.length - 1) {
    rest /= step;
    index++;
  }
  return rest === 0n ? "0" : `${rest}${names[index] ?? ""}`;
}

/**
 * A quantity as Kubernetes writes it: `1000m` and the number 1 are `1`, `0.5Gi` is `512Mi`. Undefined for what is no
 * quantity, or one with an exponent, which keeps its form.
 */
export function canonicalQuantity(value: string | number): string | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(String(value));
  if (match === null) return undefined;
  const [, digits = "", suffix = ""] = match;
  const isBinary = suffix.endsWith("i");
  const scale = isBinary
    ? 1024n ** BigInt(BINARY.indexOf(suffix)) * 10n ** 9n
    : 1000n ** BigInt(DECIMAL.indexOf(suffix));
  const total = nano(digits, scale);
  if (total === undefined) return undefined;
  if (isBinary && total % 10n ** 9n === 0n) return shortest(total / 10n ** 9n, BINARY, 1024n);
  return shortest(total, DECIMAL, 1000n);
}

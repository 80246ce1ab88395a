/** Versions from `from` (inclusive) up to `below` (exclusive), both written `major.minor.patch`. */
export interface VersionRange {
  readonly from: string;
  readonly below: string;
}

/** The first `major.minor.patch` in a tool's own version output, or undefined where there is none. */
export function versionIn(output: string): string | undefined {
  return /(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** True when `version` lies in the range; a pre-release counts as the version it leads to. */
export function fits(version: string, range: VersionRange): boolean {
  return compare(version, range.from) >= 0 && compare(version, range.below) < 0;
}

/** `>=3.6.0 <4.0.0`, as package managers write it. */
export function rangeText(range: VersionRange): string {
  return `>=${range.from} <${range.below}`;
}

function compare(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return version.replace(/^v/, "").split(/[.+-]/, 3).map(Number);
}

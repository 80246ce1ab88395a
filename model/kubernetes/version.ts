import { SemVer, coerce, parse } from "semver";

/** A released version. It is compared by its three numbers: a pre-release counts as its release. */
export type Version = SemVer;

/** Reads v1.14.0, 1.14.0 or v1.14.0-rc.0; undefined for anything else, such as a digest or a branch's name. */
export function parseVersion(text: string): Version | undefined {
  return parse(text) ?? undefined;
}

/** Whether `version` is `least`, written `major.minor.patch`, or newer. */
export function atLeast(version: Version, least: string): boolean {
  return version.compareMain(least) >= 0;
}

/** Whether a version lies between two others, `from` inclusive and `below` exclusive; a text that is no version does not. */
export function isBetween(text: string, from: string, below: string): boolean {
  const version = parseVersion(text);
  return version !== undefined && atLeast(version, from) && !atLeast(version, below);
}

/** Orders versions and minors, the oldest first. */
export function byAge(a: string, b: string): number {
  return numbersOf(a).compareMain(numbersOf(b));
}

/** `1.19.5` of `quay.io/cilium/cilium:v1.19.5@sha256:…`; undefined when its tag is no version. */
export function versionOfImage(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(image)?.[1];
}

/** Major and minor of `v1.36.3`, `1.19.5` or `1.19` as one number to compare and subtract: 36 and 19; later majors are far above. */
export function minorOf(version: string): number {
  const { major, minor } = numbersOf(version);
  return (major - 1) * 1000 + minor;
}

/** `1.18` of `1.18.4`: the key of what is known by minor, and what Helm's upgradeCompatibility takes. */
export function minorVersion(version: string): string {
  const { major, minor } = numbersOf(version);
  return `${major}.${minor}`;
}

/** A minor such as `1.19` is read as its first release. A text without any number is older than every release. */
function numbersOf(version: string): Version {
  return coerce(version) ?? new SemVer("0.0.0");
}

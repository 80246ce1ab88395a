/** A released version, compared by its three numbers; a pre-release counts as its release. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads v1.14.0, 1.14.0 or v1.14.0-rc.0; undefined for anything else, such as a digest or a branch's name. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** Whether `version` is `least` or newer. */
export function atLeast(version: Version, least: Version): boolean {
  if (version.major !== least.major) return version.major > least.major;
  if (version.minor !== least.minor) return version.minor > least.minor;
  return version.patch >= least.patch;
}

/** `1.19.5` of `quay.io/cilium/cilium:v1.19.5@sha256:…`; undefined when its tag is no version. */
export function versionOfImage(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(image)?.[1];
}

/** Major and minor of `v1.36.3` or `1.19.5` as one number to compare and subtract: 36 and 19; later majors are far above. */
export function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return (major - 1) * 1000 + minor;
}

/** `1.18` of `1.18.4`: the key of what is known by minor, and what Helm's upgradeCompatibility takes. */
export function minorVersion(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

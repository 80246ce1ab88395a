/** Major and minor of `v1.36.3` or `1.19.5` as one number that orders and subtracts: 36 and 19; later majors are far above. */
export function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return (major - 1) * 1000 + minor;
}

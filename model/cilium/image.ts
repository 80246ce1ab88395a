/** `1.19.5` of `quay.io/cilium/cilium:v1.19.5@sha256:…`; undefined when its tag is no version. */
export function versionOfImage(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(image)?.[1];
}

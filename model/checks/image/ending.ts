/** What a URL's file name ends with, in lower case: `qcow2`; empty when there is no dot. */
export function endingOf(url: string): string {
  const name = url.split(/[?#]/)[0]?.split("/").at(-1) ?? "";
  return name.includes(".") ? (name.split(".").at(-1)?.toLowerCase() ?? "") : "";
}

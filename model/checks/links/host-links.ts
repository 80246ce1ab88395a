import type { Host } from "../../config/schema";
import { type NamedLink, namedLinks } from "../../plan/node-link";

/** Every interface that a host names, each with its place in the stack file. */
export function linksOf(host: Host, i: number): readonly NamedLink[] {
  return namedLinks(host).map((link) => ({ ...link, at: `hosts[${i}].${link.at}` }));
}

import type { Check } from "../check";
import { bondChecks } from "./bonds";
import { interfaceChecks } from "./interfaces";
import { pooledLinkChecks } from "./pooled";
import { vlanChecks } from "./vlans";

/** Checks of the interfaces of hosts. */
export const linksChecks: readonly Check[] = [
  ...interfaceChecks,
  ...bondChecks,
  ...vlanChecks,
  ...pooledLinkChecks,
];

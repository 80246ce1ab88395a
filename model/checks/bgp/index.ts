import type { Check } from "../check";
import { announcementChecks } from "./announcements";
import { asnChecks } from "./asns";
import { nodeChecks } from "./nodes";
import { prefixChecks } from "./prefixes";
import { routerChecks } from "./routers";
import { sessionChecks } from "./sessions";

/** Checks of BGP. */
export const bgpChecks: readonly Check[] = [
  ...routerChecks,
  ...asnChecks,
  ...sessionChecks,
  ...nodeChecks,
  ...announcementChecks,
  ...prefixChecks,
];

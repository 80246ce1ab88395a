import type { Check } from "../check";
import { memberCountOdd } from "./member-count-odd";

/** Checks of etcd's members. */
export const etcdChecks: readonly Check[] = [memberCountOdd];

import type { Check } from "../check";
import { contextPlain } from "./context-plain";
import { namespaceOwn } from "./namespace-own";
import { previewsAsk } from "./previews-ask";

/** Checks of the management cluster. */
export const managementChecks: readonly Check[] = [contextPlain, namespaceOwn, previewsAsk];

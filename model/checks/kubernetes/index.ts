import type { Check } from "../check";
import { componentChecks } from "./components";
import { endpointChecks } from "./endpoint";

/** Checks of Kubernetes itself: endpoint and control plane components. */
export const kubernetesChecks: readonly Check[] = [...endpointChecks, ...componentChecks];
